//! The seeded simulation: simulated world, fake cameras, a reference model, scenarios.
