-- Passwords: the operator logs the arguments of redis-cli when a command fails.
local SECRET_FLAGS = { ["-a"] = true, ["--pass"] = true, ["--password"] = true, ["--requirepass"] = true }
local SECRET_TEXTS = {
    "(%-%-?pass[word]*[= ])[^%s\"]+", "(%s%-a )[^%s\"]+",
    "([Rr][Ee][Qq][Uu][Ii][Rr][Ee][Pp][Aa][Ss][Ss] )[^%s\"]+", "([Mm][Aa][Ss][Tt][Ee][Rr][Aa][Uu][Tt][Hh] )[^%s\"]+",
    "(auth%-pass %S+ )[^%s\"]+", "(://[^:/@%s]*:)[^@/%s]+@",
}

local function redact(value, depth)
    if type(value) == "string" then
        for i, pattern in ipairs(SECRET_TEXTS) do
            value = value:gsub(pattern, i == #SECRET_TEXTS and "%1[redacted]@" or "%1[redacted]")
        end
    elseif type(value) == "table" and depth < 20 then
        local before
        for key, each in pairs(value) do
            value[key] = redact(each, depth + 1)
        end
        for i, each in ipairs(value) do
            if SECRET_FLAGS[before] then value[i] = "[redacted]" end
            before = each
        end
    end
    return value
end
