//! Which versions were measured, and with what.

use std::fs;
use std::process::Command;

use serde::Deserialize;

/// What stands for each contender.
const PACKAGES: [&str; 7] = [
    "fastrace",
    "fastrace-tower",
    "sentry-core",
    "sentry-tower",
    "opentelemetry_sdk",
    "axum-tracing-opentelemetry",
    "tower-http",
];

#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
}

/// One sentence.
pub(crate) fn text() -> String {
    let lock: Lock = toml::from_str(include_str!("../../Cargo.lock")).expect("a lock file of cargo");
    let packages = lock.package.iter().filter(|package| PACKAGES.contains(&package.name.as_str()));
    let packages: Vec<_> = packages.map(|Package { name, version }| format!("{name} {version}")).collect();
    let (rustc, valgrind) = (first_line("rustc"), first_line("valgrind"));
    format!("Measured: {}; by {rustc}, {valgrind}, on {}.\n", packages.join(", "), processor())
}

fn first_line(program: &str) -> String {
    let output = Command::new(program).arg("--version").output().expect("a program that is installed");
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        text.lines().find(|line| line.starts_with("model name")).and_then(|line| line.split(':').nth(1));
    name.map_or_else(|| "a processor without a name".to_owned(), |name| name.trim().to_owned())
}
