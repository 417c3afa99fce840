//! One row of one contender, ready to be measured.

/// Work that can be repeated.
pub(crate) struct Case {
    operation: Box<dyn Repeat>,
    around: Box<Around>,
}

/// Calls what it is given within something, such as a current trace.
pub(crate) type Around = dyn Fn(&mut dyn FnMut());

trait Repeat {
    fn warm_up(&mut self, times: usize);
    fn measure(&mut self, times: usize);
}

impl Case {
    /// Work that is prepared, so that only what belongs to the row is left to do.
    pub(crate) fn new(operation: impl FnMut() + 'static) -> Self {
        Self { operation: Box::new(operation), around: Box::new(|work| work()) }
    }

    /// The same within something that is set up once for all repetitions.
    pub(crate) fn within(self, around: impl Fn(&mut dyn FnMut()) + 'static) -> Self {
        Self { around: Box::new(around), ..self }
    }

    /// Repeats the work without being counted.
    pub(crate) fn warm_up(&mut self, times: usize) {
        (self.around)(&mut || self.operation.warm_up(times));
    }

    /// Repeats the work in the one function that is counted.
    // A function of its own also in the program: see `DUMPED`.
    #[inline(never)]
    pub(crate) fn measure(&mut self, times: usize) {
        (self.around)(&mut || self.operation.measure(times));
    }
}

/// What callgrind counts: this function and what it calls.
pub(crate) const MEASURED: &str = "*measured_loop*";
/// After what callgrind writes down what it has counted. It must be another function than the one that is counted.
pub(crate) const DUMPED: &str = "benches::case::Case::measure";

impl<F: FnMut()> Repeat for F {
    fn warm_up(&mut self, times: usize) {
        for _ in 0..times {
            self();
        }
    }

    fn measure(&mut self, times: usize) {
        measured_loop(times, self);
    }
}

#[inline(never)]
fn measured_loop(times: usize, operation: &mut impl FnMut()) {
    for _ in 0..times {
        operation();
    }
}
