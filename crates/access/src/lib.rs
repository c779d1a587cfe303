//! Who may do what: decisions over given rows and a given now.
