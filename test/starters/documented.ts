import type { Files } from './starter.ts'

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const IGNORED = 'node_modules\n.env\n'

/** The start of a server on Node.js in Hono's documentation, with the scripts that it names. */
export const hono: Files = {
  '.gitignore': `${IGNORED}dist\n`,
  'package.json': json({
    name: 't-hono',
    type: 'module',
    scripts: { dev: 'tsx watch src/index.ts', build: 'tsc', start: 'node dist/index.js' },
    dependencies: { hono: '4.13.19', '@hono/node-server': '2.1.9' },
    devDependencies: { '@types/node': '^24.0.0', tsx: '^4.23.0', typescript: '^6.0.0' },
  }),
  'tsconfig.json': json({
    compilerOptions: {
      target: 'ESNext',
      module: 'NodeNext',
      strict: true,
      skipLibCheck: true,
      types: ['node'],
      rootDir: './src',
      outDir: './dist',
    },
    exclude: ['node_modules', 'dist'],
  }),
  'src/index.ts': `import { serve } from '@hono/node-server'
import { Hono } from 'hono'

const app = new Hono()

app.get('/', context => context.text('A page of Hono'))

serve({ fetch: app.fetch, port: 3000 }, info => {
  console.log(\`listening on \${info.port}\`)
})
`,
}

/** Nuxt's smallest project: its scripts, an empty configuration, one page. */
export const nuxt: Files = {
  '.gitignore': `${IGNORED}.output\n.nuxt\n.data\n`,
  'package.json': json({
    name: 't-nuxt',
    type: 'module',
    private: true,
    scripts: {
      build: 'nuxt build',
      dev: 'nuxt dev',
      generate: 'nuxt generate',
      preview: 'nuxt preview',
      postinstall: 'nuxt prepare',
    },
    dependencies: { nuxt: '4.5.2', vue: '^3.5.40', 'vue-router': '^5.2.0' },
  }),
  'nuxt.config.ts': 'export default defineNuxtConfig({ devtools: { enabled: true } })\n',
  'app/app.vue': '<template>\n  <h1>A page of Nuxt</h1>\n</template>\n',
  'tsconfig.json': json({ files: [], references: [{ path: './.nuxt/tsconfig.json' }] }),
}

const astroFiles: Files = {
  '.gitignore': `${IGNORED}dist\n.astro\n`,
  'tsconfig.json': json({ extends: 'astro/tsconfigs/strict', include: ['**/*'], exclude: ['dist'] }),
  'src/pages/index.astro':
    '---\nconst title = "A page of Astro"\n---\n<html lang="en">\n  <head>\n    <title>{title}</title>\n  </head>\n  <body>\n    <h1>{title}</h1>\n  </body>\n</html>\n',
}
const astroPackage = (name: string, more: object = {}): string =>
  json({
    name,
    type: 'module',
    private: true,
    scripts: { dev: 'astro dev', build: 'astro build', preview: 'astro preview', astro: 'astro' },
    dependencies: { astro: '7.3.5', ...more },
  })

/** Astro's manual set-up: one page, which becomes a file. */
export const astro: Files = {
  ...astroFiles,
  'package.json': astroPackage('t-astro'),
  'astro.config.mjs': "import { defineConfig } from 'astro/config'\n\nexport default defineConfig({})\n",
}

/** The same as a server, by the adapter for Node.js. */
export const astroNode: Files = {
  ...astroFiles,
  'package.json': astroPackage('t-astro-node', { '@astrojs/node': '11.1.6' }),
  'astro.config.mjs': `import node from '@astrojs/node'
import { defineConfig } from 'astro/config'

export default defineConfig({
  output: 'server',
  adapter: node({ mode: 'standalone' }),
})
`,
}

const ROOT_TSX = (
  from: string,
): string => `import { Links, Meta, Outlet, Scripts, ScrollRestoration } from '${from}'

export default function App() {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <Meta />
        <Links />
      </head>
      <body>
        <Outlet />
        <ScrollRestoration />
        <Scripts />
      </body>
    </html>
  )
}
`
const HOME_TSX = 'export default function Home() {\n  return <h1>A page with routes</h1>\n}\n'
const bundled = (more: object = {}): string =>
  json({
    include: ['**/*.ts', '**/*.tsx'],
    compilerOptions: {
      lib: ['DOM', 'DOM.Iterable', 'ES2022'],
      types: ['node', 'vite/client'],
      target: 'ES2022',
      module: 'ES2022',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      esModuleInterop: true,
      skipLibCheck: true,
      strict: true,
      noEmit: true,
      ...more,
    },
  })

/** React Router as a framework, installed by hand. */
export const reactRouter: Files = {
  '.gitignore': `${IGNORED}build\n.react-router\n`,
  'package.json': json({
    name: 't-react-router',
    private: true,
    type: 'module',
    scripts: {
      build: 'react-router build',
      dev: 'react-router dev',
      start: 'react-router-serve ./build/server/index.js',
      typecheck: 'react-router typegen && tsc',
    },
    dependencies: {
      '@react-router/node': '8.4.0',
      '@react-router/serve': '8.4.0',
      'react-router': '8.4.0',
      isbot: '^5.2.3',
      react: '^19.3.0',
      'react-dom': '^19.3.0',
    },
    devDependencies: {
      '@react-router/dev': '8.4.0',
      '@types/node': '^24.0.0',
      '@types/react': '^19.0.0',
      '@types/react-dom': '^19.0.0',
      typescript: '^6.0.0',
      vite: '^8.0.0',
    },
  }),
  'vite.config.ts':
    "import { reactRouter } from '@react-router/dev/vite'\nimport { defineConfig } from 'vite'\n\nexport default defineConfig({ plugins: [reactRouter()] })\n",
  'react-router.config.ts':
    "import type { Config } from '@react-router/dev/config'\n\nexport default { ssr: true } satisfies Config\n",
  'tsconfig.json': bundled({ rootDirs: ['.', './.react-router/types'] }),
  'app/root.tsx': ROOT_TSX('react-router'),
  'app/routes.ts':
    "import { index, type RouteConfig } from '@react-router/dev/routes'\n\nexport default [index('routes/home.tsx')] satisfies RouteConfig\n",
  'app/routes/home.tsx': HOME_TSX,
}

/** Remix 2, the last of that name, on Vite. */
export const remix: Files = {
  '.gitignore': `${IGNORED}build\n.cache\n`,
  'package.json': json({
    name: 't-remix',
    private: true,
    sideEffects: false,
    type: 'module',
    scripts: {
      build: 'remix vite:build',
      dev: 'remix vite:dev',
      start: 'remix-serve ./build/server/index.js',
      typecheck: 'tsc',
    },
    dependencies: {
      '@remix-run/node': '2.17.5',
      '@remix-run/react': '2.17.5',
      '@remix-run/serve': '2.17.5',
      isbot: '^4.1.0',
      react: '^18.2.0',
      'react-dom': '^18.2.0',
    },
    devDependencies: {
      '@remix-run/dev': '2.17.5',
      '@types/react': '^18.2.0',
      '@types/react-dom': '^18.2.0',
      typescript: '^5.1.6',
      vite: '^6.0.0',
    },
    engines: { node: '>=20.0.0' },
  }),
  'vite.config.ts':
    "import { vitePlugin as remix } from '@remix-run/dev'\nimport { defineConfig } from 'vite'\n\nexport default defineConfig({ plugins: [remix()] })\n",
  'tsconfig.json': bundled(),
  'app/root.tsx': ROOT_TSX('@remix-run/react'),
  'app/routes/_index.tsx': HOME_TSX,
}

/** A product in a package of its own, with its version held: what its documentation calls an installation by npm. */
export const product = (folder: string, name: string, version: string, start: string): Files => ({
  '.gitignore': IGNORED,
  'package.json': json({
    name: folder,
    private: true,
    scripts: { start },
    dependencies: { [name]: version },
  }),
})
