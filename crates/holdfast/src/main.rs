//! The `holdfast` program.

fn main() -> std::process::ExitCode {
    holdfast::start()
}
