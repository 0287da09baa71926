-- What Fluent Bit calls, with the tag, the time and the record; returns 2 and the record, or -1 to drop it.

-- Without the API server the filter `kubernetes` adds nothing; the file's name in the tag tells the pod.
local function with_pod(tag, record)
    if record.kubernetes then return record end
    local pod, namespace, container, id = tag:match("([^_]+)_([^_]+)_(.+)%-(%x+)%.log$")
    record.kubernetes = {
        pod_name = pod and (pod:gsub("^.*%.containers%.", "")), namespace_name = namespace,
        container_name = container, docker_id = id,
    }
    return record
end

-- A record that the script cannot read is kept as it is: Fluent Bit would leave the whole batch without a schema.
local function entry(shape)
    return function(tag, timestamp, record)
        local ok, out = pcall(shape, timestamp, with_pod(tag, record))
        if ok and out == nil then return -1, timestamp, record end
        if ok then return 2, timestamp, out end
        local pod = record.kubernetes or {}
        return 2, timestamp, finish({
            msg = text(record.log) or "", namespace = pod.namespace_name or "", pod = pod.pod_name,
            container = pod.container_name, id = line_id(timestamp, record),
        }, { schema_error = tostring(out) })
    end
end

operator = entry(operator_record)
instance = entry(instance_record)
containers = entry(containers_record)
events = entry(events_record)
