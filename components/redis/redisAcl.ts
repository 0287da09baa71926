import { text } from "../settings/scalars";

/** The words of Redis' access lists (src/acl.c): with another one, Redis does not read the file and does not start. */

/** Those of the server, and of the modules in its image from 8.0. */
const CATEGORIES = (
    "keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking " +
    "dangerous connection transaction scripting all search json timeseries bloom cuckoo topk cms tdigest"
).split(" ");

const COMMAND = /^[+-][a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/;
const SUBCOMMAND = /^[+-][a-z]+\|[a-z][a-z-]*$/;

export const aclCommand = text({
    kind: "text",
    reader: "commands in Redis' access lists",
    allowed: `+ or - with a command, a subcommand or a category, such as +keys, -config|set or -@scripting; categories are ${CATEGORIES.join(", ")}`,
    is: (each) =>
        /^[+-]@/.test(each)
            ? CATEGORIES.includes(each.slice(2))
            : COMMAND.test(each) || SUBCOMMAND.test(each),
    near: () => CATEGORIES.flatMap((category) => [`+@${category}`, `-@${category}`]),
});

/** In the file a rule ends at a space. */
export const aclPattern = text({
    kind: "pattern",
    reader: "patterns in Redis' access lists",
    allowed: "a pattern without blanks and quotes, such as orders:*, of 1 to 512 characters",
    is: (each) => /^[^\s"'\\\p{Cc}]{1,512}$/u.test(each),
});
