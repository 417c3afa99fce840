//! The anchors of a regular expression: the beginning and the end of a URL.

use crate::targets::automaton::Urls;
use crate::targets::mistake::Mistake;
use crate::targets::url_state::{DefaultPort, State, States};

impl Urls {
    /// Returns the positions at which the URL can begin. Empty if `states` does not contain the beginning.
    pub(super) fn at_start(&self, states: &States) -> States {
        let mut beginnings = States::from([State::Scheme("")]);
        if states.is_disjoint(&beginnings) {
            return States::new();
        }
        if self.has(Mistake::MissingScheme) {
            beginnings.insert(State::Authority(DefaultPort::Unknown));
        }
        if self.has(Mistake::MissingOrigin) {
            beginnings.insert(State::BarePath);
        }
        beginnings
    }

    /// Returns the end of the URL if the URL can end at one of these positions.
    pub(super) fn at_end(&self, states: &States) -> States {
        let can_end = |state: &&State| match state {
            State::Path | State::Fragment | State::End => true,
            state => self.has(Mistake::MissingSlash) && self.is_whole_origin(**state),
        };
        states.iter().find(can_end).map(|_| State::End).into_iter().collect()
    }
}
