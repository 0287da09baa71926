/**
 * What starts in the operator's images, for Debian's programs: from the variables that the operator gives a pod
 * (https://github.com/OT-CONTAINER-KIT/redis-operator, getEnvironmentVariables) to a configuration, and to its process. The
 * file is the container's: with a new container, what was set while Redis ran is gone.
 */
export const START_REDIS = `
file=/tmp/redis.conf
address=$(hostname -i)
{
    echo "bind 0.0.0.0"
    echo "tcp-keepalive 60"
    if [ -n "$REDIS_PASSWORD" ]; then
        echo "requirepass $REDIS_PASSWORD"
        echo "masterauth $REDIS_PASSWORD"
    else
        echo "protected-mode no"
    fi
    if [ "$SETUP_MODE" = cluster ]; then
        echo "cluster-enabled yes"
        echo "cluster-node-timeout 5000"
        echo "cluster-require-full-coverage no"
        echo "cluster-migration-barrier 1"
        echo "cluster-config-file /node-conf/nodes.conf"
        echo "cluster-announce-ip $address"
        echo "cluster-announce-hostname $(hostname)"
    fi
    if [ "$PERSISTENCE_ENABLED" = true ]; then
        echo "dir /data"
        echo "appendonly yes"
        echo "save 900 1 300 10 60 10000"
    else
        echo "dir /tmp"
    fi
    if [ "$TLS_MODE" = true ]; then
        echo "port 0"
        echo "tls-port \${REDIS_PORT:-6379}"
        echo "tls-cert-file $REDIS_TLS_CERT"
        echo "tls-key-file $REDIS_TLS_CERT_KEY"
        echo "tls-ca-cert-file $REDIS_TLS_CA_CERT"
        echo "tls-auth-clients optional"
        echo "tls-replication yes"
        if [ "$SETUP_MODE" = cluster ]; then
            echo "tls-cluster yes"
            echo "cluster-preferred-endpoint-type hostname"
        fi
    else
        echo "port \${REDIS_PORT:-6379}"
    fi
    if [ "$ACL_MODE" = true ]; then
        echo "aclfile \${ACL_FILE_PATH:-/etc/redis/user.acl}"
    fi
    if [ -n "$REDIS_MAX_MEMORY" ]; then
        echo "maxmemory $REDIS_MAX_MEMORY"
    fi
    if [ -f /etc/redis/external.conf.d/redis-additional.conf ]; then
        echo "include /etc/redis/external.conf.d/redis-additional.conf"
    fi
} >"$file"
if [ "$SETUP_MODE" = cluster ] && [ -f /node-conf/nodes.conf ]; then
    # A pod that comes back has another address.
    sed -E "/myself/ s/[0-9]+(\\\\.[0-9]+){3}/$address/" /node-conf/nodes.conf >/tmp/nodes.conf
    cat /tmp/nodes.conf >/node-conf/nodes.conf
fi
exec redis-server "$file"
`;

export const START_SENTINEL = `
file=/tmp/sentinel.conf
master=\${MASTER_GROUP_NAME:-mymaster}
{
    echo "dir /tmp"
    echo "protected-mode no"
    if [ "$TLS_MODE" = true ]; then
        echo "port 0"
        echo "tls-port \${SENTINEL_PORT:-26379}"
        echo "tls-cert-file $REDIS_TLS_CERT"
        echo "tls-key-file $REDIS_TLS_CERT_KEY"
        echo "tls-ca-cert-file $REDIS_TLS_CA_CERT"
        echo "tls-auth-clients optional"
    else
        echo "port \${SENTINEL_PORT:-26379}"
    fi
    echo "sentinel monitor $master \${IP:-0.0.0.0} \${PORT:-6379} \${QUORUM:-2}"
    echo "sentinel down-after-milliseconds $master \${DOWN_AFTER_MILLISECONDS:-30000}"
    echo "sentinel parallel-syncs $master \${PARALLEL_SYNCS:-1}"
    echo "sentinel failover-timeout $master \${FAILOVER_TIMEOUT:-180000}"
    if [ -n "$MASTER_PASSWORD" ]; then
        echo "sentinel auth-pass $master $MASTER_PASSWORD"
    fi
    if [ -f /etc/redis/external.conf.d/redis-sentinel-additional.conf ]; then
        echo "include /etc/redis/external.conf.d/redis-sentinel-additional.conf"
    fi
} >"$file"
exec redis-sentinel "$file"
`;
