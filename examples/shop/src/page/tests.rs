use crate::page::render;
use crate::sample;

#[test]
fn all_text_is_escaped() {
    let page = render(&sample::report()).unwrap();
    for raw in ["<script>alert", "<img", "<b>&amp;", "one < two", "stock/<1>"] {
        assert!(!page.contains(raw), "{raw}");
    }
    assert!(page.contains("&#60;script&#62;alert(1)") && page.contains("a</th><td>&#60;b&#62;&#38;amp;"));
}

#[test]
fn bars_are_to_scale() {
    let page = render(&sample::report()).unwrap();
    assert!(page.contains("left:25%;width:75%") && page.contains("left:50%;width:40%"));
    assert!(page.contains("row inventory root failed"));
}
