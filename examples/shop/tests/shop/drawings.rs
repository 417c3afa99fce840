//! The drawing of the terminal and the page.

use std::path::Path;

use crate::{SCENARIOS, run};

#[test]
fn in_a_pipe_it_is_plain_text_of_80_columns() {
    let output = run(&[]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains('\x1b'));
    assert_eq!(text.lines().find(|line| line.chars().count() > 80), None);
    for name in SCENARIOS {
        assert!(text.contains(&format!("── {name} ─")), "{name}");
    }
    assert!(
        text.contains("█") && text.contains("withheld") && text.contains("expectations held, 6 requests")
    );
}

#[test]
fn the_page_stands_alone() {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shop.html");
    assert!(run(&["--html", file.to_str().unwrap()]).status.success());
    let page = std::fs::read_to_string(file).unwrap();
    for name in SCENARIOS {
        assert!(page.contains(&format!("<h2>{name}</h2>")), "{name}");
    }
    for outside in ["src=", "<link", "@import", "url(http", "href=\"http", "fetch("] {
        assert!(!page.contains(outside), "{outside}");
    }
}
