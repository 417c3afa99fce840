//! The migration pages show a service before and after: the service after the move is a program that compiles.

const PAGES: [(&str, &str); 2] = [
    (include_str!("../../../docs/from-sentry-tower.md"), include_str!("../examples/after_sentry_tower.rs")),
    (include_str!("../../../docs/from-opentelemetry.md"), include_str!("../examples/after_opentelemetry.rs")),
];

#[test]
fn migration_pages_end_at_a_program_that_compiles() {
    for (page, program) in PAGES {
        let mut diffs = page.split("```diff\n").skip(1).filter_map(|rest| rest.split("```").next());
        let diff = diffs.find(|diff| diff.contains("fn main")).expect("the page shows the service");
        let after = diff.lines().filter(|line| !line.starts_with('-'));
        let after: Vec<_> = after.map(|line| line.get(1..).unwrap_or_default()).collect();
        let (_, program) = program.split_once("\n\n").expect("the program opens with a comment");
        assert_eq!(after, program.lines().collect::<Vec<_>>());
    }
}
