/** `npm run client`: makes the package of the typed client for React Native in dist-client/, or in `--out FOLDER`. */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';

/** As Metro and a React Native app see it: no Node, no DOM but what fetch brings. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
  types: [],
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noEmitOnError: true,
  declaration: true,
  skipLibCheck: false,
};
const TYPES = 'test/client';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'dist-client' } } });
const out = resolve(values.out);
const src = join(out, 'src');
await rm(out, { recursive: true, force: true });
await mkdir(src, { recursive: true });

const files = await readdir('client/src');
for (const file of files) {
  const text = await readFile(join('client/src', file), 'utf8');
  await writeFile(join(src, file), text.replaceAll(`'../../${TYPES}/`, `'./`));
}
for (const file of await readdir(TYPES)) {
  await copyFile(join(TYPES, file), join(src, file));
  await copyFile(join(TYPES, file), join(out, file));
}
await copyFile('client/README.md', join(out, 'README.md'));
const { version, license, dependencies, devDependencies } = JSON.parse(
  await readFile('package.json', 'utf8'),
) as Record<'version' | 'license', string> &
  Record<'dependencies' | 'devDependencies', Record<string, string>>;
const manifest = {
  ...{ name: '@withbowwow/client', version, license, private: true, type: 'module', sideEffects: false },
  ...{ main: './index.js', types: './index.d.ts', files: ['*.js', '*.d.ts'] },
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
  dependencies: { 'openapi-fetch': devDependencies['openapi-fetch'], uuid: dependencies.uuid },
};
await writeFile(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const program = ts.createProgram([join(src, 'index.ts')], { ...OPTIONS, rootDir: src, outDir: out });
const faults = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
if (faults.length > 0) {
  const host = { getCanonicalFileName: String, getCurrentDirectory: () => out, getNewLine: () => '\n' };
  process.stderr.write(ts.formatDiagnostics(faults, host));
  process.exitCode = 1;
} else {
  await rm(src, { recursive: true });
  process.stdout.write(`${out}: ${manifest.name} ${version}\n`);
}
