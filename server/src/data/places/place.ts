import type { Secret } from '../../kernel/secret.ts'

/** Where backups are kept: a folder of this machine (a disk, a mount), or a bucket of an S3-compatible store. */
export type Place = FolderPlace | BucketPlace

export interface FolderPlace {
  kind: 'folder'
  /** The key of the place in innkeeper.yaml: it names the place in lists and commands. */
  name: string
  path: string
}

export interface BucketPlace {
  kind: 's3'
  name: string
  /** `https://host` or `https://host:port`. */
  endpoint: string
  region: string
  bucket: string
  /** Folder in the bucket, without a slash at either end; '' for none. */
  prefix: string
  keyId: string
  secret: Secret
  /** File with the certificate authority of the endpoint; null: a public one. */
  ca: string | null
}

export const placeAddress = (place: Place): string =>
  place.kind === 'folder'
    ? place.path
    : `${place.endpoint}/${place.bucket}${place.prefix === '' ? '' : `/${place.prefix}`}`
