use crate::sample;
use crate::terminal::draw;

fn drawn(width: usize) -> String {
    let mut out = Vec::new();
    draw(&mut out, &sample::report(), width).unwrap();
    anstream::adapter::strip_str(&String::from_utf8(out).unwrap()).to_string()
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [60, 80, 120, 140] {
        let text = drawn(width);
        assert_eq!(text.lines().find(|line| line.chars().count() > width), None, "{width}");
    }
}

#[test]
fn spans_are_drawn_to_scale_below_their_parents() {
    let text = drawn(80);
    let rows: Vec<_> = text.lines().skip_while(|line| !line.contains(" 0 ms")).take(5).collect();
    let expected = [
        "                                 0 ms   20 ms  40 ms   60 ms  80 ms",
        "storefront GET /checkout/{order} ████████████████████████████████████   100.0 ms",
        "├ http.client GET /stock/1                ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄    75.0 ms",
        "│ └ inventory GET /stock/{order}                   ██████████████        40.0 ms",
        "└ function late                                                  ▄▄▄▄    10.0 ms",
    ];
    assert_eq!(rows, expected);
}

#[test]
fn a_baggage_is_shown_in_full_once() {
    let text = drawn(80);
    assert_eq!(text.matches("as storefront sent it, 1 member").count(), 1);
}
