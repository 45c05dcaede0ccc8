export const version: string = process.env.APP_VERSION || '2.0.0'
