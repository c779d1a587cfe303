//! The only crate with SQL: schema, migrations, one writer, read snapshots.
