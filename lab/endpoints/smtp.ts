import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import PostalMime, { Email } from "postal-mime";
import { generate } from "selfsigned";
import { SMTPServer, SMTPServerSession } from "smtp-server";

import { LOOPBACK } from "./httpEndpoint";
import { Inbox } from "./inbox";

export interface Mail {
    readonly from: string;
    readonly to: readonly string[];
    /** Whether it came over TLS. */
    readonly encrypted: boolean;
    readonly content: Email;
}

/** A mail server that takes mail over STARTTLS from one account. Its certificate is self-signed. */
export class SmtpEndpoint extends Inbox<Mail> {
    private failures = 0;
    private constructor(
        readonly port: number,
        private readonly server: SMTPServer,
    ) {
        super();
    }

    static async start(
        account: { readonly username: string; readonly password: string },
        host = LOOPBACK,
    ): Promise<SmtpEndpoint> {
        const { private: key, cert } = await generate(
            [{ name: "commonName", value: "localhost" }],
            { algorithm: "sha256", keyType: "ec" },
        );
        const server = new SMTPServer({
            key,
            cert,
            // Addresses of this machine have no names, and looking for one takes its time.
            disableReverseLookup: true,
            authMethods: ["PLAIN", "LOGIN"],
            // Before STARTTLS it does not even offer to log in.
            allowInsecureAuth: false,
            onAuth({ username, password }, _session, done) {
                if (username === account.username && password === account.password) {
                    return done(null, { user: username });
                }
                endpoint.refuse(`the account "${username}" with a wrong password`);
                return done(new Error("535 authentication failed"));
            },
            onData(stream, session, done) {
                void endpoint.take(stream, session).then(() => done(), done);
            },
        });
        // Whoever does not trust the certificate hangs up, which is no failure of the server.
        server.on("error", (error) => endpoint.refuse(error.message));
        await new Promise<void>((resolve, reject) => {
            server.server.once("error", reject);
            server.listen(0, host, resolve);
        });
        const endpoint = new SmtpEndpoint((server.server.address() as AddressInfo).port, server);
        return endpoint;
    }

    /** Answers the next mails with "451 try again later". */
    failNext(times: number): void {
        this.failures = times;
    }

    close(): Promise<void> {
        return new Promise((resolve) => this.server.close(() => resolve()));
    }

    private async take(
        stream: AsyncIterable<Buffer>,
        { envelope, secure }: SMTPServerSession,
    ): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of stream) {
            chunks.push(chunk);
        }
        this.attempts++;
        await sleep(this.delay);
        if (this.failures > 0) {
            this.failures--;
            throw Object.assign(new Error("try again later"), { responseCode: 451 });
        }
        this.accept({
            from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
            to: envelope.rcptTo.map(({ address }) => address),
            encrypted: secure,
            content: await PostalMime.parse(Buffer.concat(chunks)),
        });
    }
}
