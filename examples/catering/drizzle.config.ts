// A plain object: drizzle-kit is fetched by `npm run migration` and is not a dependency of the app.
export default { dialect: 'postgresql', schema: './src/*/schema.ts', out: './drizzle' }
