// The rows of a proof, printed as they come.
"use strict";

class Table {
  passed = 0;
  failed = 0;

  row(title, problems) {
    const isGood = problems.length === 0;
    this[isGood ? "passed" : "failed"] += 1;
    console.log(`${isGood ? "ok    " : "FAILED"}  ${title}`);
    for (const problem of problems) console.log(`        ${problem}`);
    return isGood;
  }
}

module.exports = { Table };
