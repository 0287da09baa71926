// Writes and reads keys, in every mode and through a failover. docs/redis/README.md says what it shows.
package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

var failed, missing, counted, unknown int

func main() {
	ctx, env := context.Background(), os.Getenv
	options := &redis.UniversalOptions{
		Addrs:    []string{env("REDIS_HOST") + ":" + env("REDIS_PORT")},
		Username: env("REDIS_USERNAME"), Password: env("REDIS_PASSWORD"),
		IsClusterMode: env("MODE") == "cluster",
		DialTimeout:   time.Second, ReadTimeout: time.Second, WriteTimeout: time.Second,
		// Nothing is sent twice without this program's knowing; the library's default is to try again.
		MaxRetries: -1, MaxRedirects: -1, DialerRetries: 1,
	}
	if env("MODE") == "sentinel" {
		options.MasterName = env("REDIS_SENTINEL_MASTER")
	}
	if ca := env("REDIS_CA"); ca != "" {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM([]byte(ca))
		// Sentinel and a cluster tell addresses, and the certificate has names: the name is said here.
		options.TLSConfig = &tls.Config{RootCAs: roots, ServerName: env("REDIS_HOST")}
	}
	client := redis.NewUniversalClient(options)
	// For what may be done twice: tries again for a minute, with longer and longer pauses.
	retried := func(command func() error) {
		end := time.Now().Add(time.Minute)
		for wait := 50 * time.Millisecond; ; wait = min(2*wait, time.Second) {
			err := command()
			if err == nil || err == redis.Nil {
				return
			}
			failed++
			if time.Now().After(end) {
				panic(err)
			}
			if cluster, ok := client.(*redis.ClusterClient); ok {
				cluster.ReloadState(ctx) // Who has the slots now?
			}
			time.Sleep(wait/2 + rand.N(wait/2))
		}
	}
	prefix := cmp.Or(env("PREFIX"), "demo")
	writes, _ := strconv.Atoi(cmp.Or(env("WRITES"), "100"))
	pause, _ := time.ParseDuration(cmp.Or(env("PAUSE_MS"), "10") + "ms")
	var longest time.Duration
	var last time.Time
	for i := 1; i <= writes; i++ {
		key := fmt.Sprintf("%s:%d", prefix, i)
		retried(func() error { return client.Set(ctx, key, i, 0).Err() })
		if !last.IsZero() {
			longest = max(longest, time.Since(last))
		}
		last = time.Now()
		var value string
		retried(func() (err error) { value, err = client.Get(ctx, key).Result(); return })
		if value != strconv.Itoa(i) {
			missing++
		}
		// Not for twice: without an answer, nobody knows whether it was done.
		if client.Incr(ctx, prefix+":count").Err() == nil {
			counted++
		} else {
			unknown++
		}
		time.Sleep(pause)
	}
	fmt.Printf(`{"failed":%d,"longest":%d,"missing":%d,"counted":%d,"unknown":%d}`+"\n",
		failed, longest.Milliseconds(), missing, counted, unknown)
}
