//! Typed settings: from raw text to validated values, with help in one place.
