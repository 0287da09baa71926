import js from "@eslint/js";
import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "rendered/", ".cache/"] },
    js.configs.recommended,
    {
        files: ["**/*.ts"],
        extends: [...tseslint.configs.recommendedTypeChecked],
        languageOptions: { parserOptions: { project: "./tsconfig.json" } },
        plugins: { "@pulumi": pulumi },
        rules: {
            "@pulumi/no-output-in-template-literal": "error",
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/no-explicit-any": "error",
            "@typescript-eslint/explicit-module-boundary-types": "error",
        },
    },
    {
        // Runs in a plain Node.js image, not through TypeScript.
        files: ["components/**/*.mjs"],
        languageOptions: {
            globals: {
                AbortSignal: "readonly",
                Buffer: "readonly",
                URL: "readonly",
                console: "readonly",
                fetch: "readonly",
                process: "readonly",
            },
        },
    },
    {
        // Programs for the teams whose applications use Redis.
        files: ["docs/**/*.mjs"],
        languageOptions: { globals: { console: "readonly", process: "readonly" } },
    },
    {
        // Only index.ts exports a program, and Node's own scripts are CommonJS.
        files: ["**/*.cjs"],
        languageOptions: {
            globals: {
                module: "writable",
                require: "readonly",
                process: "readonly",
                console: "readonly",
                __dirname: "readonly",
            },
        },
    },
    {
        // Run by Node in the pods of backups.
        files: ["components/backup/scripts/*.mjs"],
        languageOptions: {
            globals: {
                AbortSignal: "readonly",
                Buffer: "readonly",
                console: "readonly",
                fetch: "readonly",
                process: "readonly",
            },
        },
    },
    {
        files: ["test/backup/*.cjs"],
        languageOptions: { globals: { Buffer: "readonly", URL: "readonly" } },
    },
);
