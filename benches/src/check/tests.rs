use std::collections::BTreeMap;

use super::{Limit, Limits, compare};
use crate::contenders::Contender;
use crate::report::figures::{Figures, Run};
use crate::row::Row;

fn exceeded(allocations: f64, instructions: f64, floor: f64) -> Vec<String> {
    let figures = |allocations, instructions| Figures { instructions, allocations, ..Figures::default() };
    let run = Run::from([
        ((Row::Parse, Contender::Ours), figures(allocations, instructions)),
        ((Row::Parse, Contender::Floor), figures(0.0, floor)),
    ]);
    let limit = Limit { allocations: 1, instructions: BTreeMap::from([(Contender::Floor, 1.5)]) };
    compare(&Limits(BTreeMap::from([(Row::Parse, limit)])), &run).1
}

#[test]
fn what_a_rebuild_can_move_passes() {
    assert_eq!(exceeded(1.0, 173.0, 100.0), [""; 0]);
    assert_eq!(exceeded(1.0, 19.0, 10.0), [""; 0]);
}

#[test]
fn what_is_dearer_is_named() {
    let message = "parse, times the instructions of floor: 1.75, and the limit is 1.74";
    assert_eq!(exceeded(1.0, 175.0, 100.0), [message]);
    assert_eq!(exceeded(1.0, 19.5, 10.0).len(), 1);
    assert_eq!(exceeded(1.0, 100.0, -1.0).len(), 1, "a floor that is measured wrongly is no licence");
    assert_eq!(exceeded(2.0, 100.0, 100.0), ["parse, allocations: 2, and the limit is 1"]);
    assert_eq!(exceeded(0.0, 100.0, 100.0).len(), 1);
}
