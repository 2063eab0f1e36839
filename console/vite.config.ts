import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const SERVER = process.env.DATALINKS_URL ?? 'http://127.0.0.1:8080';
const TEXT = /\.(js|css|html|svg)$/;

/** Puts compressed forms beside each file, so that the server has nothing to compress when it is asked. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    // Only what is written is final: names of chunks come into the code last.
    async writeBundle({ dir = '' }, bundle) {
      // The server writes its own address into the page, so that one is sent as it is.
      const names = Object.keys(bundle).filter((name) => TEXT.test(name) && name !== 'index.html');
      for (const name of names) {
        const source = await readFile(join(dir, name));
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(source));
        await writeFile(join(dir, `${name}.gz`), gzipSync(source, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  // Everything is found from the page's <base>, which the server sets.
  base: './',
  plugins: [react(), precompressed()],
  resolve: { alias: { '@': fileURLToPath(new URL('src', import.meta.url)) } },
  build: {
    outDir: process.env.DATALINKS_CONSOLE_OUT ?? '../src/datalinks/console',
    emptyOutDir: true,
    target: 'es2022',
    // Those that know light-dark().
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // 180 kB compressed; tests/console measures what the first page loads.
    chunkSizeWarningLimit: 700,
  },
  // The server refuses requests that name another host than the page's.
  server: { proxy: { '^/(?!console/(?!session)|@|src|node_modules)': { target: SERVER, changeOrigin: false } } },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
});
