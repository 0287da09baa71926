-- What the letters and signs of lines mean, and which operation a message tells of.

local LEVELS = {
    trace = "debug", debug = "debug", verbose = "debug",
    info = "info", information = "info", notice = "info", normal = "info",
    warn = "warning", warning = "warning",
    err = "error", error = "error", dpanic = "error",
    crit = "fatal", critical = "fatal", alert = "fatal", emerg = "fatal", panic = "fatal", fatal = "fatal",
    I = "info", W = "warning", E = "error", F = "fatal",
    ["."] = "debug", ["-"] = "debug", ["*"] = "info", ["#"] = "warning",
}
local REDIS_LEVELS = { ["."] = "debug", ["-"] = "verbose", ["*"] = "notice", ["#"] = "warning" }
local REDIS_ROLES = { M = "master", S = "replica", C = "child", X = "sentinel" }

-- The first that a message holds, in lower case, names the operation.
local OPERATOR_OPERATIONS = {
    { "failover", "failover" }, { "leader lease", "elect" }, { "acquired lease", "elect" },
    { "reshard", "reshard" }, { "rebalanc", "reshard" }, { "scal", "scale" },
    { "creat", "create" }, { "updat", "update" }, { "patch", "update" },
    { "delet", "delete" }, { "remov", "delete" }, { "finaliz", "delete" },
    { "reconcil", "reconcile" }, { "starting", "start" },
}
local REDIS_OPERATIONS = {
    { "db loaded", "load" }, { "loading", "load" },
    { "switch-master", "failover" }, { "failover", "failover" }, { "master mode enabled", "failover" },
    { "replicaof", "replicate" }, { "slaveof", "replicate" }, { "sync", "sync" }, { "master <-> replica", "sync" },
    { "append only file", "rewrite" }, { "aof rewrite", "rewrite" },
    { "bgsave", "save" }, { "saving", "save" }, { "saved on disk", "save" }, { "rdb", "save" },
    { "is starting", "start" }, { "server initialized", "start" }, { "ready to accept", "start" },
    { "shutdown", "stop" }, { "bye bye", "stop" },
}

local function operation_of(text, operations)
    local lower = text:lower()
    for _, pair in ipairs(operations) do
        if lower:find(pair[1], 1, true) then return pair[2] end
    end
    return nil
end
