//! Users, sessions, tokens and links as rows.
