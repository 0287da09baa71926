-- Finding values in what a source wrote.

local function text(value)
    if type(value) == "string" then return value end
    if type(value) == "number" or type(value) == "boolean" then return tostring(value) end
    return nil
end

-- The first of the names that the source has, taken out of its fields.
local function take(fields, ...)
    for _, name in ipairs({ ... }) do
        local value = text(fields[name])
        if value ~= nil and value ~= "" then
            fields[name] = nil
            return value
        end
    end
    return nil
end

local function hex_id(fields, digits, ...)
    for _, name in ipairs({ ... }) do
        local id = (text(fields[name]) or ""):lower()
        if #id == digits and id:find("^%x+$") and id:find("[^0]") then
            fields[name] = nil
            return id
        end
    end
    return nil
end

-- `level=info msg="Listening" trace_id=...`, as Prometheus, Grafana and the exporters write.
local function logfmt(line)
    if not line:find("^[%w_.]+=") or not line:find("%f[%w]level=") then return {} end
    local fields, at = {}, 1
    while true do
        local _, key_end, key = line:find("%s*([%w_.-]+)=", at)
        if not key_end then return fields end
        local quoted_end, value
        if line:sub(key_end + 1, key_end + 1) == '"' then
            quoted_end = key_end + 1
            repeat quoted_end = line:find('"', quoted_end + 1, true)
            until not quoted_end or line:sub(quoted_end - 1, quoted_end - 1) ~= "\\"
        end
        if quoted_end then
            value, at = line:sub(key_end + 2, quoted_end - 1):gsub('\\"', '"'), quoted_end + 1
        else
            value = line:match("^%S*", key_end + 1)
            at = key_end + 1 + #value
        end
        fields[key] = value
    end
end

local function level_of(fields)
    local level = text(fields.level) or text(fields.severity) or text(fields.lvl) or text(fields["log.level"])
    if not level then return nil end
    local number = tonumber(level)
    if number then
        if number < 30 then return "debug" elseif number < 40 then return "info"
        elseif number < 50 then return "warning" elseif number < 60 then return "error" else return "fatal" end
    end
    return LEVELS[level] or LEVELS[level:lower()]
end

local function is_empty(value)
    return type(value) ~= "table" or next(value) == nil
end
