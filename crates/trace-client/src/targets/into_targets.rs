//! The conversion of lists into trace propagation targets.

use super::{PropagationTargets, Target, TargetError};

/// A list that converts to [`PropagationTargets`]: an array, a `Vec` or a slice of [`Target`]s or of texts, any other
/// iterator of targets, and finished targets. Each text becomes a [substring](Target::substring). `Item` is the type of
/// the elements, which the compiler infers.
///
/// An empty array needs no type annotation: `[]` is a list of targets. For this reason, an array of texts has at most 32
/// elements. A `Vec` and a slice may have any number.
///
/// ```
/// use trace_client::{PropagationTargets, Target};
///
/// let none = PropagationTargets::new([])?;
/// let texts = PropagationTargets::new(["inventory.internal", "orders.internal"])?;
/// let hosts = PropagationTargets::new(["a.test", "b.test"].map(Target::host))?;
/// # Ok::<(), trace_client::TargetError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of trace propagation targets",
    note = "use an array, a `Vec` or a slice of `Target`s or of texts, or an iterator of `Target`s",
    note = "an iterator of texts becomes one of `Target`s by `.map(Target::from)`",
    note = "an array of more than 32 texts must be borrowed, or a `Vec`"
)]
pub trait IntoTargets<Item> {
    /// Checks the list and converts it.
    ///
    /// # Errors
    ///
    /// Returns an error if a target cannot be used. See [`PropagationTargets::new`].
    fn into_targets(self) -> Result<PropagationTargets, TargetError>;
}

impl IntoTargets<Target> for PropagationTargets {
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        Ok(self)
    }
}

impl<I> IntoTargets<Target> for I
where
    I: IntoIterator<Item = Target>,
{
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        PropagationTargets::compile(self.into_iter().collect())
    }
}

impl<T, const N: usize> IntoTargets<T> for [T; N]
where
    T: AsRef<str>,
    // Without this bound, `[]` could be an array of texts as well as of targets, and would not compile.
    [(); N]: NotEmpty,
{
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        of_texts(&self)
    }
}

impl<T: AsRef<str>> IntoTargets<T> for Vec<T> {
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        of_texts(&self)
    }
}

impl<'a, T: Into<Target> + Clone> IntoTargets<&'a T> for &'a [T] {
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        PropagationTargets::compile(self.iter().cloned().map(Into::into).collect())
    }
}

impl<'a, T: Into<Target> + Clone, const N: usize> IntoTargets<&'a T> for &'a [T; N] {
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        self.as_slice().into_targets()
    }
}

impl<'a, T: Into<Target> + Clone> IntoTargets<&'a T> for &'a Vec<T> {
    fn into_targets(self) -> Result<PropagationTargets, TargetError> {
        self.as_slice().into_targets()
    }
}

fn of_texts(texts: &[impl AsRef<str>]) -> Result<PropagationTargets, TargetError> {
    PropagationTargets::compile(texts.iter().map(|text| Target::substring(text.as_ref())).collect())
}

/// An array with 1 to 32 elements.
pub trait NotEmpty {}

macro_rules! not_empty {
    ($($length:literal)*) => {
        $(impl NotEmpty for [(); $length] {})*
    };
}

not_empty!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32);
