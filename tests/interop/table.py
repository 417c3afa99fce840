"""A table of results."""


class Table:
    """Prints a row per chain, and counts."""

    def __init__(self):
        self.passed = self.failed = 0

    def row(self, title, problems, must_break=None):
        """Without problems is good; where a check must break, that check having noticed is."""
        if must_break is not None and any(problem.check == must_break for problem in problems):
            title, problems = f"{title}  (noticed by the check '{must_break}')", []
        elif must_break is not None:
            problems = [f"went unnoticed by the check '{must_break}'", *problems]
        self.passed += not problems
        self.failed += bool(problems)
        print(f"{'FAILED' if problems else 'ok':6}  {title}")
        for problem in problems:
            print(f"        {problem}")
        return not problems

    def finish(self, may_be_empty):
        """Prints the sums, and gives the status of the process."""
        print(f"\n{self.passed} passed, {self.failed} failed")
        return 0 if (self.passed or may_be_empty) and not self.failed else 1
