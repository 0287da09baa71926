import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { isOnPath, run } from "../../../lab/tools/commands";
import { skip } from "../skip";
import { jdk } from "./jdk";
import { noNames } from "./names";

/** Of the minor version that the stack installs; Maven does not have every patch of it. */
// renovate: datasource=maven depName=org.elasticsearch.plugin:x-pack-security
export const VERSION = "9.5.3";
/** https://maven.apache.org/plugins/maven-dependency-plugin/ */
// renovate: datasource=maven depName=org.apache.maven.plugins:maven-dependency-plugin
const MAVEN_PLUGIN = "3.8.1";
const JAVA_FOLDER = path.join(__dirname, "java");
/** Packs what has the codec `best_compression`; from the system, as Maven has none. */
const ZSTD = "libzstd.so.1";

/** What Maven is asked for: the server, and each module with what it brings beyond the server. */
const ARTIFACTS = {
    server: "org.elasticsearch:elasticsearch",
    "transport-netty4": "org.elasticsearch.plugin:transport-netty4",
    "x-pack-core": "org.elasticsearch.plugin:x-pack-core",
    "x-pack-security": "org.elasticsearch.plugin:x-pack-security",
} as const;
const MODULES = ["transport-netty4", "x-pack-core", "x-pack-security"] as const;

/** Not to be had: SAML, which no realm of ours uses, and templates of Elasticsearch's own monitoring. */
const UNSERVED = [
    "org.opensaml:*",
    "net.shibboleth.utilities:*",
    "org.elasticsearch.plugin:es-opensaml-security-api",
    "org.elasticsearch.plugin:x-pack-template-resources",
];
/** Elasticsearch refuses a class that two files have. It ships these once. */
const DOUBLES = [
    "jakarta.activation:jakarta.activation-api",
    "com.github.stephenc.jcip:jcip-annotations",
];
/** In a second version, which the one of `x-pack-core` stands for. */
const OF_CORE = "slf4j-api-";

/** What Maven writes when it reaches nobody, against its word that something is not there. */
const NO_NETWORK =
    /UnknownHost|Unknown host|Connection (refused|timed out|reset)|Network is unreachable|connect timed out|Temporary failure/;

/** The home of a node, with security, from Maven's artifacts; its JDK's `bin` beside. */
export interface ElasticHome {
    readonly folder: string;
    readonly javaFolder: string;
}

/**
 * For a `before` hook without a time limit: assembles a home once and keeps it in the user's cache. Skips the suite where
 * a JDK, Maven, the network or a mount namespace for its clients is missing.
 */
export async function elasticHome(context: Mocha.Context): Promise<ElasticHome> {
    const javaFolder = jdk();
    if (javaFolder === undefined) {
        skip(context, "it needs a JDK 21 or newer: set JAVA_HOME, or put its javac on the PATH");
    }
    if (systemLibrary(ZSTD) === undefined) {
        skip(
            context,
            `it needs ${ZSTD}, which distributions have in the package libzstd1 or libzstd`,
        );
    }
    const why = noNames();
    if (why !== undefined) {
        skip(context, why);
    }
    const folder = path.join(cacheFolder(), `elasticsearch-${VERSION}-${fingerprint()}`);
    if (!fs.existsSync(folder)) {
        if (!isOnPath("mvn")) {
            skip(context, "it needs Maven: put mvn on the PATH to fetch Elasticsearch's artifacts");
        }
        try {
            await assemble(folder, javaFolder);
        } catch (error) {
            if (NO_NETWORK.test(String(error))) {
                skip(context, "Maven reached no registry to fetch Elasticsearch's artifacts from");
            }
            throw error;
        }
    }
    return { folder, javaFolder };
}

/** A library of this system, or undefined. Distributions have it below one of these, for their processor or for all. */
function systemLibrary(name: string): string | undefined {
    const folders = ["/usr/lib", "/lib", "/usr/lib64", "/lib64"].flatMap((folder) =>
        fs.existsSync(folder)
            ? [folder, ...fs.readdirSync(folder).map((each) => path.join(folder, each))]
            : [],
    );
    return folders.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file));
}

function cacheFolder(): string {
    const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
    return path.join(cache, "observability", "tools");
}

/** Changes with what is assembled. */
function fingerprint(): string {
    const hash = createHash("sha256").update(fs.readFileSync(__filename));
    sources().forEach((file) => hash.update(fs.readFileSync(file)));
    return hash.digest("hex").slice(0, 16);
}

/** In a folder of its own first: an interrupted run, or a second one, leaves no broken home. */
async function assemble(folder: string, javaFolder: string): Promise<void> {
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    const building = fs.mkdtempSync(`${folder}.building-`);
    const began = Date.now();
    const say = (text: string) => void process.stderr.write(`${text}\n`);
    say(`Fetching Elasticsearch ${VERSION} from Maven: 90 MB the first time, then it is kept`);
    const progress = setInterval(
        () => say(`  ${jars(building).length} files, ${seconds(began)} s`),
        10_000,
    );
    try {
        const fetched = await fetchArtifacts(path.join(building, "maven"), javaFolder);
        const home = path.join(building, "home");
        layOut(fetched, home);
        await compile(home, javaFolder);
        try {
            fs.renameSync(home, folder);
        } catch (error) {
            // Another run was faster, and its home is the same.
            if (!fs.existsSync(folder)) {
                throw error;
            }
        }
        say(`  Elasticsearch ${VERSION}: done in ${seconds(began)} s`);
    } finally {
        clearInterval(progress);
        fs.rmSync(building, { recursive: true, force: true });
    }
}

function seconds(since: number): number {
    return Math.round((Date.now() - since) / 1000);
}

function jars(folder: string): string[] {
    return fs
        .readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".jar"));
}

/** A folder of files for each of `ARTIFACTS`. */
async function fetchArtifacts(folder: string, javaFolder: string): Promise<string> {
    const names = Object.keys(ARTIFACTS);
    writePom(
        folder,
        "all",
        `<modules>${names.map((each) => xml("module", each)).join("")}</modules>`,
    );
    for (const [name, artifact] of Object.entries(ARTIFACTS)) {
        const exclusions = [...UNSERVED, ...DOUBLES].map((each) =>
            xml("exclusion", coordinates(each)),
        );
        const dependency = `${coordinates(`${artifact}:${VERSION}`)}${xml("exclusions", exclusions.join(""))}`;
        writePom(path.join(folder, name), name, xml("dependencies", xml("dependency", dependency)));
    }
    const goal = `org.apache.maven.plugins:maven-dependency-plugin:${MAVEN_PLUGIN}:copy-dependencies`;
    const env = { ...process.env, JAVA_HOME: path.dirname(javaFolder) };
    await run("mvn", ["-B", "-q", goal, "-DincludeScope=runtime", "-DoutputDirectory=files"], {
        cwd: folder,
        env,
    });
    return folder;
}

function writePom(folder: string, name: string, content: string): void {
    fs.mkdirSync(folder, { recursive: true });
    const own = `${coordinates(`observability:${name}:1`)}<packaging>pom</packaging>`;
    const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>${own}${content}</project>`;
    fs.writeFileSync(path.join(folder, "pom.xml"), pom);
}

function coordinates(text: string): string {
    const [group = "", artifact = "", version] = text.split(":");
    const pinned = version === undefined ? "" : xml("version", version);
    return `${xml("groupId", group)}${xml("artifactId", artifact)}${pinned}`;
}

function xml(tag: string, content: string): string {
    return `<${tag}>${content}</${tag}>`;
}

/** As in Elasticsearch's own archive: `lib/` with the server, `modules/` with what each brings beyond it. */
function layOut(fetched: string, home: string): void {
    const filesOf = (name: string) => fs.readdirSync(path.join(fetched, name, "files"));
    const server = filesOf("server");
    const place = (name: string, files: readonly string[], target: string) => {
        fs.mkdirSync(target, { recursive: true });
        files.forEach((file) =>
            fs.copyFileSync(path.join(fetched, name, "files", file), path.join(target, file)),
        );
    };
    place("server", server, path.join(home, "lib"));
    for (const name of MODULES) {
        const core = name === "x-pack-security" ? filesOf("x-pack-core") : [];
        const own = filesOf(name)
            .filter((file) => !server.includes(file) && !core.includes(file))
            .filter((file) => name === "x-pack-core" || !file.startsWith(OF_CORE));
        place(name, own, path.join(home, "modules", name));
    }
    fs.mkdirSync(path.join(home, "native"));
    fs.symlinkSync(systemLibrary(ZSTD) ?? ZSTD, path.join(home, "native", "libzstd.so"));
}

/** Each module's descriptor out of its file, and our own classes. */
async function compile(home: string, javaFolder: string): Promise<void> {
    const modules = path.join(home, "modules");
    const jar = path.join(javaFolder, "jar");
    for (const name of MODULES) {
        const cwd = path.join(modules, name);
        const inside = `META-INF/es-plugins/${name}/plugin-descriptor.properties`;
        await run(jar, ["xf", `${name}-${VERSION}.jar`, inside], { cwd });
        const descriptor = fs.readFileSync(path.join(cwd, inside), "utf8");
        fs.rmSync(path.join(cwd, "META-INF"), { recursive: true });
        // As a Java module it would need the parts that are not served.
        writeDescriptor(cwd, descriptor.replace(/^modulename=.*$/m, ""));
    }
    const classes = path.join(home, "classes");
    const libraries = ["lib", "modules/x-pack-core", "modules/x-pack-security"];
    await run(path.join(javaFolder, "javac"), [
        ...["-nowarn", "-proc:none", "-d", classes],
        ...["-cp", libraries.map((each) => path.join(home, each, "*")).join(":")],
        ...sources(),
    ]);
    const security = path.join(modules, "x-pack-security");
    await without(jar, path.join(security, `x-pack-security-${VERSION}.jar`), OF_SECURITY_ITSELF);
    await run(jar, [
        "cf",
        path.join(security, "without-saml.jar"),
        "-C",
        classes,
        SECURITY_PACKAGE,
    ]);
    const descriptor = fs.readFileSync(path.join(security, DESCRIPTOR), "utf8");
    const ours = `classname=${SECURITY_PACKAGE.replaceAll("/", ".")}.SecurityWithoutSaml`;
    writeDescriptor(security, descriptor.replace(/^classname=.*$/m, ours));

    const missing = path.join(modules, "missing-modules");
    fs.mkdirSync(missing);
    await run(jar, [
        "cf",
        path.join(missing, "missing-modules.jar"),
        "-C",
        classes,
        MISSING_PACKAGE,
    ]);
    writeDescriptor(missing, missingDescriptor());
    [SECURITY_PACKAGE, MISSING_PACKAGE].forEach((each) =>
        fs.rmSync(path.join(classes, each), { recursive: true }),
    );
}

const SECURITY_PACKAGE = "org/elasticsearch/xpack/withoutsaml";
const MISSING_PACKAGE = "observability/missing";
const DESCRIPTOR = "plugin-descriptor.properties";

/** Users in slow logs, and role mappings out of files: made with Elasticsearch's own class only, which ours replaces. */
const OF_SECURITY_ITSELF = [
    "META-INF/services/org.elasticsearch.index.ActionLoggingFieldsProvider",
    "META-INF/services/org.elasticsearch.reservedstate.ReservedStateHandlerProvider",
];

async function without(jar: string, file: string, names: readonly string[]): Promise<void> {
    const cwd = `${file}.content`;
    fs.mkdirSync(cwd);
    await run(jar, ["xf", file], { cwd });
    names.forEach((name) => fs.rmSync(path.join(cwd, name)));
    await run(jar, ["cf", file, "-C", cwd, "."]);
    fs.rmSync(cwd, { recursive: true });
}

function missingDescriptor(): string {
    return [
        "name=missing-modules",
        "description=Endpoints of modules that no registry has",
        `version=${VERSION}`,
        `elasticsearch.version=${VERSION}`,
        "java.version=21",
        "extended.plugins=x-pack-core",
        `classname=${MISSING_PACKAGE.replaceAll("/", ".")}.MissingModules`,
    ].join("\n");
}

function sources(): string[] {
    return fs
        .readdirSync(JAVA_FOLDER, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".java"))
        .sort()
        .map((file) => path.join(JAVA_FOLDER, file));
}

function writeDescriptor(folder: string, text: string): void {
    fs.writeFileSync(path.join(folder, DESCRIPTOR), text);
}
