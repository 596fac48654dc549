// Where tests that fail leave pictures for people to look at. Git does not look there.
import { fileURLToPath } from 'node:url'

export const leftBehind = fileURLToPath(new URL('left-behind', import.meta.url))

export const fileName = (text) => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
