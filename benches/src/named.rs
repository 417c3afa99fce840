//! The names of rows, contenders and scales on the command line.

use clap::ValueEnum;

/// What has a name on the command line, which is also that in `limits.toml`.
pub(crate) trait Named: ValueEnum {
    /// The name.
    fn name(&self) -> String {
        self.to_possible_value().expect("none is hidden").get_name().to_owned()
    }
}

impl<T: ValueEnum> Named for T {}
