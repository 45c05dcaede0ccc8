export const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()
