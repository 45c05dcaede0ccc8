export const version: string = process.env.APP_VERSION || '1.1.0-breaks-later'
