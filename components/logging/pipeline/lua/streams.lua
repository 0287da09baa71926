local function finish(out, fields)
    out.cluster = CLUSTER
    out.environment = ENVIRONMENTS[out.namespace] or ENVIRONMENT
    out.msg = redact(out.msg, 0)
    out.error = redact(out.error, 0)
    if not is_empty(fields) then out.fields = redact(fields, 0) end
    return out
end

-- Names a line for ever: its container, its time and its place in the file.
local function line_id(timestamp, record)
    local container = (record.kubernetes or {}).docker_id or ""
    return string.format("%s-%x-%x-%x", container:sub(1, 32), timestamp.sec, timestamp.nsec, record.offset or 0)
end

-- What every container's line has, and the fields that its source wrote.
local function container_line(timestamp, record)
    local pod = record.kubernetes or {}
    local fields = type(record.json) == "table" and record.json or {}
    local line = text(record.log) or ""
    if is_empty(fields) then fields = logfmt(line) end
    local level = level_of(fields)
    local out = {
        level = level,
        logger = take(fields, "logger", "logger_name", "caller"),
        msg = take(fields, "msg", "message", "Message") or line,
        namespace = pod.namespace_name or "",
        pod = pod.pod_name,
        container = pod.container_name,
        node = pod.host,
        duration_ms = tonumber(take(fields, "duration_ms", "durationMs", "elapsed_ms")),
        trace_id = hex_id(fields, 32, "trace_id", "traceId", "traceID", "trace.id"),
        span_id = hex_id(fields, 16, "span_id", "spanId", "spanID", "span.id"),
        error = take(fields, "error", "err"),
        stacktrace = take(fields, "stacktrace", "stack", "stack_trace"),
        operation = take(fields, "operation"),
        offset = record.offset,
        id = line_id(timestamp, record),
    }
    if not is_empty(pod.labels) then out.labels = pod.labels end
    return out, fields
end

local function text_line(out, fields, record)
    out.msg = text(record.msg) or out.msg
    out.logger = out.logger or text(record.logger)
    if record.level_code then
        out.level = LEVELS[record.level_code]
        fields.level = REDIS_LEVELS[record.level_code] or record.level_code
    end
    -- Joined lines: a stack trace, or Redis' report.
    local head, rest = out.msg:match("^([^\n]*)\n(.+)$")
    if rest and not out.stacktrace then out.msg, out.stacktrace = head, rest end
end

local function is_redis(record)
    local labels = record.kubernetes and record.kubernetes.labels
    if is_empty(labels) then return nil end
    return labels.redis_setup_type ~= nil
end

local function operator_record(timestamp, record)
    local out, fields = container_line(timestamp, record)
    text_line(out, fields, record)
    -- The resource that the line is about.
    local name, namespace = text(fields.name) or text(fields["Request.Name"]), text(fields.namespace) or text(fields["Request.Namespace"])
    if name and namespace then out.instance, out.namespace = name, namespace end
    out.operation = out.operation or operation_of(out.msg, OPERATOR_OPERATIONS)
    return finish(out, fields)
end

local function instance_record(timestamp, record)
    -- Other pods of a Redis namespace are the containers' stream; without labels nobody knows, and nothing is lost.
    if is_redis(record) == false then return nil end
    local out, fields = container_line(timestamp, record)
    text_line(out, fields, record)
    local labels = out.labels or {}
    out.instance = (text(labels.app) or (out.pod or ""):gsub("%-%d+$", ""))
    if labels.redis_setup_type == "cluster" or labels.redis_setup_type == nil then
        out.instance = out.instance:gsub("%-leader$", ""):gsub("%-follower$", "")
    end
    if labels.redis_setup_type == "sentinel" or labels.redis_setup_type == nil then
        out.instance = out.instance:gsub("%-sentinel$", "")
    end
    out.role = REDIS_ROLES[record.role_code]
    out.logger = out.logger or (out.role == "sentinel" and "sentinel" or "redis")
    out.operation = out.operation or operation_of(out.msg, REDIS_OPERATIONS)
    local seconds = out.msg:match("^DB loaded from [^:]+: ([%d.]+) seconds")
    if seconds then out.duration_ms = tonumber(seconds) * 1000 end
    fields.pid = text(record.pid)
    return finish(out, fields)
end

local function containers_record(timestamp, record)
    if is_redis(record) == true and record.kubernetes.container_name ~= "redis-exporter" then
        return nil
    end
    local out, fields = container_line(timestamp, record)
    text_line(out, fields, record)
    return finish(out, fields)
end

local function events_record(timestamp, record)
    local about, meta, source = record.involvedObject or {}, record.metadata or {}, record.source or {}
    local out = {
        level = LEVELS[(text(record.type) or "normal"):lower()],
        logger = take(source, "component") or text(record.reportingComponent),
        msg = text(record.message) or "",
        namespace = text(about.namespace) or text(meta.namespace) or "",
        pod = about.kind == "Pod" and text(about.name) or nil,
        node = text(source.host),
        operation = text(record.reason),
        id = (text(meta.uid) or "") .. "-" .. (text(meta.resourceVersion) or ""),
    }
    if (text(about.apiVersion) or ""):find("redis.opstreelabs.in", 1, true) then out.instance = text(about.name) end
    local fields = {
        kind = text(about.kind), name = text(about.name), count = text(record.count),
        type = text(record.type), action = text(record.action),
    }
    return finish(out, fields)
end
