import * as net from "node:net";

import { eventually } from "../../lab/tools/commands";
import { infoNumber, redisCli } from "./redisCli";
import type { RedisServer } from "./stage";

/** Low enough for the open files that a process may have on any machine. */
const MAX_CLIENTS = 300;

/** Clients that connect to a Redis and stay. */
export class ConnectionHog {
    private readonly sockets: net.Socket[] = [];
    private taken: { readonly server: RedisServer; readonly maxClients: string } | undefined;

    /** Takes that share of the connections that Redis gives; 1 takes every one. Lowers maxclients first. */
    async take(server: RedisServer, share: number): Promise<void> {
        if (this.taken === undefined) {
            const [, maxClients = ""] = (await redisCli(server, "CONFIG", "GET", "maxclients"))
                .trim()
                .split("\n");
            this.taken = { server, maxClients };
            await redisCli(server, "CONFIG", "SET", "maxclients", String(MAX_CLIENTS));
        }
        const present = await infoNumber(server, "connected_clients");
        const wanted = share < 1 ? Math.ceil(share * MAX_CLIENTS) - present : MAX_CLIENTS;
        await Promise.all(Array.from({ length: wanted }, () => this.connect(server)));
    }

    /** Closes the connections and gives Redis its maxclients back. */
    async release(): Promise<void> {
        this.sockets.splice(0).forEach((socket) => socket.destroy());
        const { taken } = this;
        if (taken === undefined) {
            return;
        }
        await eventually("Redis takes connections again", 10, () =>
            redisCli(taken.server, "CONFIG", "SET", "maxclients", taken.maxClients),
        );
        this.taken = undefined;
    }

    /** Ends when Redis has taken the connection or refused it. */
    private connect({ host, port }: RedisServer): Promise<void> {
        return new Promise((resolve) => {
            const socket = net.connect({ host, port }, () => resolve());
            // Redis closes a connection too many with an error: that there are no more is what is wanted.
            socket.on("error", () => resolve());
            socket.resume();
            this.sockets.push(socket);
        });
    }
}
