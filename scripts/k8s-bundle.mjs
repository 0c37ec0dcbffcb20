/**
 * Makes one file each of the examples and of the command line, with everything they import: what the pods of k8s/examples and
 * k8s/drills run on Node's own image, without an image of their own.
 *
 *   npm run k8s:bundle [folder]   writes writer.mjs, reader.mjs, label-primary.mjs and cli.mjs, by default to dist-k8s
 *
 * Each fits into a ConfigMap (1 MiB), so kubectl can bring it to the cluster: docs/kubernetes.md.
 */
import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { browserPages } from './lib/browser-pages.mjs'
import { ROOT } from './lib/root.mjs'

const CONFIG_MAP_BYTES = 1_048_576
const PROGRAMS = {
  writer: 'examples/writer.ts',
  reader: 'examples/reader.ts',
  'label-primary': 'examples/label-primary.ts',
  cli: 'src/cli/main.ts'
}

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist-k8s'))
for (const [name, source] of Object.entries(PROGRAMS)) {
  const outfile = join(folder, `${name}.mjs`)
  await build({
    absWorkingDir: ROOT,
    entryPoints: [source],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    plugins: [browserPages()],
    // Some of what is bundled is CommonJS and calls require.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" }
  })
  const { size } = statSync(outfile)
  if (size > CONFIG_MAP_BYTES) throw new Error(`${outfile} has ${size} bytes, a ConfigMap may have ${CONFIG_MAP_BYTES}`)
  console.log(`${outfile}: ${Math.round(size / 1024)} KiB`)
}
