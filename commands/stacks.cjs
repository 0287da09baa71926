// Prints the stacks there are as JSON, in the order in which a change reaches them: those with protected data last.
const fs = require("node:fs");
const path = require("node:path");

const { parse } = require("yaml");

const root = path.resolve(__dirname, "..");
const stacks = fs
    .readdirSync(root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .map((name) => {
        const { config } = parse(fs.readFileSync(path.join(root, `Pulumi.${name}.yaml`), "utf8"));
        return { name, last: config["observability:dataProtection"]?.protect === true };
    })
    .sort((a, b) => Number(a.last) - Number(b.last) || a.name.localeCompare(b.name));
console.log(JSON.stringify(stacks.map(({ name }) => name)));
