//! The recorded cases, and the check that ours does the same.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// One recorded case.
#[derive(Debug, Deserialize)]
pub struct Case<I> {
    /// Stable hash of the input.
    pub id: String,
    /// What kind of input it is.
    pub stratum: String,
    /// What was fed in.
    pub input: I,
    /// What each SDK did, by its name.
    pub results: Value,
    agreed: bool,
    #[serde(alias = "agreed_decoded")]
    agreed_core: Option<bool>,
}

/// How far the two SDKs did the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// In every compared field.
    Full,
    /// By the weaker comparison of the file: `agreed_core` or `agreed_decoded`.
    Weak,
    /// They differ, so nothing is expected of us but not to panic.
    None,
}

impl<I> Case<I> {
    /// How far the two SDKs did the same.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        match (self.agreed, self.agreed_core) {
            (true, _) => Agreement::Full,
            (false, Some(true)) => Agreement::Weak,
            (false, _) => Agreement::None,
        }
    }

    /// What one of the agreeing SDKs did.
    #[must_use]
    pub fn expected(&self) -> &Value {
        &self.results["node"]
    }
}

/// Cases in which we mean to differ from what the SDKs agree on.
pub struct Override {
    /// The number of the decision in the project's design.
    pub decision: u8,
    /// What it says.
    pub reason: &'static str,
    /// Ids of cases, or names of strata of which no case is expected to pass.
    pub cases: &'static [&'static str],
}

/// Runs all cases of a file. Each on which the SDKs agree must pass, or stand in an override and fail.
///
/// # Panics
///
/// If a case fails without an override, passes in spite of one, or panics; or if an override names no case.
pub fn check<I: DeserializeOwned>(
    file: &str,
    overrides: &[Override],
    run: impl Fn(&Case<I>) -> Result<(), String>,
) {
    #[derive(Deserialize)]
    struct File<I> {
        count: usize,
        cases: Vec<Case<I>>,
    }
    let File { count, cases }: File<I> =
        serde_json::from_str(file).unwrap_or_else(|error| panic!("cannot read the vectors: {error}"));
    assert_eq!(cases.len(), count, "the file is not whole");
    let mut unused: BTreeSet<_> = overrides.iter().flat_map(|listed| listed.cases).copied().collect();
    let (mut passed, mut overridden, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        let names = [case.id.as_str(), case.stratum.as_str()];
        let outcome = catch_unwind(AssertUnwindSafe(|| run(case)));
        let outcome = outcome.unwrap_or_else(|_| panic!("{names:?} panicked"));
        if case.agreement() == Agreement::None {
            continue;
        }
        let is_listed = |listed: &&Override| names.iter().any(|name| listed.cases.contains(name));
        match (outcome, overrides.iter().find(is_listed)) {
            (Ok(()), None) => passed += 1,
            (Err(_), Some(_)) => overridden += 1,
            (Err(difference), None) => wrong.push(format!("{names:?} differs: {difference}")),
            (Ok(()), Some(Override { decision, .. })) => {
                wrong.push(format!("{names:?} passes, though decision {decision} is said to override it"));
            }
        }
        unused.retain(|name| !names.contains(name));
    }
    assert!(wrong.is_empty(), "{} of {count} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(unused.is_empty(), "overrides that name no agreed case: {unused:?}");
    assert!(passed > 0);
    println!(
        "{passed} cases pass, {overridden} are overridden, {} are not agreed on",
        count - passed - overridden
    );
}

/// The difference between what is and what should be.
///
/// # Errors
///
/// If they are not equal.
pub fn expect<T: PartialEq + Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what} is {actual:?}, expected {expected:?}")) }
}

/// Whether a recorded text, which may be a placeholder such as `<varies>`, allows this one. Numbers are compared as
/// numbers.
#[must_use]
pub fn matches(expected: &str, actual: &str) -> bool {
    expected.starts_with('<') && expected.ends_with('>')
        || expected == actual
        || crate::wire::numbers_equal(expected, actual)
}
