// What `pulumi` runs: index.ts.
require("./transpile.cjs");

module.exports = require("./index.ts");
