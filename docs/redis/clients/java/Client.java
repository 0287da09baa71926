// Writes and reads keys, in every mode and through a failover. docs/redis/README.md says what it shows.
import java.io.ByteArrayInputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import redis.clients.jedis.*;
import redis.clients.jedis.exceptions.JedisException;

public class Client {
    static int failed, missing, counted, unknown;
    static UnifiedJedis client;

    static DefaultJedisClientConfig.Builder config() throws Exception {
        var config = DefaultJedisClientConfig.builder().connectionTimeoutMillis(1000).socketTimeoutMillis(1000);
        var ca = System.getenv("REDIS_CA");
        if (ca == null) return config;
        // Sentinel and a cluster tell addresses, and the certificate has names: the authority alone is checked.
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        var factory = CertificateFactory.getInstance("X.509");
        store.setCertificateEntry("ca", factory.generateCertificate(new ByteArrayInputStream(ca.getBytes())));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        var parameters = new SSLParameters();
        parameters.setEndpointIdentificationAlgorithm("");
        return config.ssl(true).sslSocketFactory(context.getSocketFactory()).sslParameters(parameters);
    }

    static UnifiedJedis connect() throws Exception {
        var seed = new HostAndPort(System.getenv("REDIS_HOST"), Integer.parseInt(System.getenv("REDIS_PORT")));
        var login = config().user(System.getenv("REDIS_USERNAME")).password(System.getenv("REDIS_PASSWORD")).build();
        return switch (System.getenv("MODE")) {
            case "sentinel" -> RedisSentinelClient.builder().sentinels(Set.of(seed)).clientConfig(login)
                    .masterName(System.getenv("REDIS_SENTINEL_MASTER")).sentinelClientConfig(config().build()).build();
            // One attempt: nothing is sent twice without this program's knowing; the default is five.
            case "cluster" -> RedisClusterClient.builder().nodes(Set.of(seed)).clientConfig(login).maxAttempts(1)
                    .topologyRefreshPeriod(Duration.ofSeconds(1)).build();
            default -> RedisClient.builder().hostAndPort(seed).clientConfig(login).build();
        };
    }

    /** For what may be done twice: tries again for a minute, with longer and longer pauses. */
    static <T> T retried(Supplier<T> command) throws InterruptedException {
        long end = System.nanoTime() + 60_000_000_000L;
        for (long wait = 50; ; wait = Math.min(2 * wait, 1000)) {
            try {
                return command.get();
            } catch (JedisException error) {
                failed++;
                if (System.nanoTime() > end) {
                    error.printStackTrace();
                    System.exit(1); // Threads of the library would keep the process.
                }
                Thread.sleep((long) (wait * (0.5 + Math.random() / 2)));
            }
        }
    }

    public static void main(String[] args) throws Exception {
        var prefix = System.getenv().getOrDefault("PREFIX", "demo");
        int writes = Integer.parseInt(System.getenv().getOrDefault("WRITES", "100"));
        long pause = Long.parseLong(System.getenv().getOrDefault("PAUSE_MS", "10")), longest = 0, last = 0;
        client = connect();
        for (int i = 1; i <= writes; i++) {
            String key = prefix + ":" + i, value = String.valueOf(i);
            retried(() -> client.set(key, value));
            longest = Math.max(longest, last == 0 ? 0 : System.nanoTime() - last);
            last = System.nanoTime();
            if (!value.equals(retried(() -> client.get(key)))) missing++;
            try { // Not for twice: without an answer, nobody knows whether it was done.
                client.incr(prefix + ":count");
                counted++;
            } catch (JedisException error) {
                unknown++;
            }
            Thread.sleep(pause);
        }
        System.out.printf("{\"failed\":%d,\"longest\":%d,\"missing\":%d,\"counted\":%d,\"unknown\":%d}%n",
                failed, longest / 1_000_000, missing, counted, unknown);
        System.exit(0);
    }
}
