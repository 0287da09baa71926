import { distance } from "fastest-levenshtein";

import { text } from "../settings/scalars";

/** The words of Redis' access lists (src/acl.c): with another one, Redis does not read the file and does not start. */

/** Those of the server, and of the modules in its image from 8.0. */
const CATEGORIES = words(`
    keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow blocking
    dangerous connection transaction scripting all search json timeseries bloom cuckoo topk cms tdigest`);

/** Of the server up to 8.2: what is nearly one of them is a slip, and what is far from all may be a module's or newer. */
const COMMANDS = words(`
    acl append asking auth bgrewriteaof bgsave bitcount bitfield bitfield_ro bitop bitpos blmove blmpop blpop brpop
    brpoplpush bzmpop bzpopmax bzpopmin client cluster command config copy dbsize debug decr decrby del discard dump
    echo eval eval_ro evalsha evalsha_ro exec exists expire expireat expiretime failover fcall fcall_ro flushall
    flushdb function geoadd geodist geohash geopos georadius georadius_ro georadiusbymember georadiusbymember_ro
    geosearch geosearchstore get getbit getdel getex getrange getset hdel hello hexists hexpire hexpireat hexpiretime
    hget hgetall hgetdel hgetex hincrby hincrbyfloat hkeys hlen hmget hmset hpersist hpexpire hpexpireat hpexpiretime
    hpttl hrandfield hscan hset hsetex hsetnx hstrlen httl hvals incr incrby incrbyfloat info keys lastsave latency lcs
    lindex linsert llen lmove lmpop lolwut lpop lpos lpush lpushx lrange lrem lset ltrim memory mget migrate module
    monitor move mset msetnx multi object persist pexpire pexpireat pexpiretime pfadd pfcount pfdebug pfmerge
    pfselftest ping psetex psubscribe psync pttl publish pubsub punsubscribe quit randomkey readonly readwrite rename
    renamenx replconf replicaof reset restore restore-asking role rpop rpoplpush rpush rpushx sadd save scan scard
    script sdiff sdiffstore select sentinel set setbit setex setnx setrange sflush shutdown sinter sintercard
    sinterstore sismember slaveof slowlog smembers smismember smove sort sort_ro spop spublish srandmember srem sscan
    ssubscribe strlen subscribe substr sunion sunionstore sunsubscribe swapdb sync time touch ttl type unlink
    unsubscribe unwatch vadd vcard vdim vemb vgetattr vinfo vismember vlinks vrandmember vrem vsetattr vsim wait
    waitaof watch xack xackdel xadd xautoclaim xclaim xdel xdelex xgroup xinfo xlen xpending xrange xread xreadgroup
    xrevrange xsetid xtrim zadd zcard zcount zdiff zdiffstore zincrby zinter zintercard zinterstore zlexcount zmpop
    zmscore zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore zrangestore zrank zrem zremrangebylex
    zremrangebyrank zremrangebyscore zrevrange zrevrangebylex zrevrangebyscore zrevrank zscan zscore zunion zunionstore`);

function words(text: string): string[] {
    return text.trim().split(/\s+/);
}

function isSlip(command: string): boolean {
    return (
        command.length > 4 &&
        !COMMANDS.includes(command) &&
        COMMANDS.some((each) => distance(each, command) === 1)
    );
}

const COMMAND = /^[+-][a-z][a-z0-9_-]*(\.[a-z0-9_-]+)*$/;
const SUBCOMMAND = /^[+-][a-z]+\|[a-z][a-z-]*$/;

export const aclCommand = text({
    kind: "text",
    reader: "commands in Redis' access lists",
    allowed: `+ or - with a command, a subcommand or a category, such as +keys, -config|set or -@scripting; categories are ${CATEGORIES.join(", ")}`,
    is: (each) =>
        /^[+-]@/.test(each)
            ? CATEGORIES.includes(each.slice(2))
            : (COMMAND.test(each) || SUBCOMMAND.test(each)) &&
              !isSlip(each.slice(1).split("|")[0] ?? ""),
    near: () =>
        [...CATEGORIES.map((each) => `@${each}`), ...COMMANDS].flatMap((each) => [
            `+${each}`,
            `-${each}`,
        ]),
});

/** In the file a rule ends at a space. */
export const aclPattern = text({
    kind: "pattern",
    reader: "patterns in Redis' access lists",
    allowed: "a pattern without blanks and quotes, such as orders:*, of 1 to 512 characters",
    is: (each) => /^[^\s"'\\\p{Cc}]{1,512}$/u.test(each),
});
