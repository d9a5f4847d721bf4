// All generated parts of docs/performance.md.

import { batchingSection } from './batching-section.ts'
import { endToEndSection } from './end-to-end-section.ts'
import { gpuSection } from './gpu-section.ts'
import type { Section } from './kept.ts'
import { routerSection } from './router-section.ts'
import { servingSection } from './serving-section.ts'

/** Texts by the names of their places, and pictures by their file names, from what is kept in bench/results. */
export function sections(): { parts: Record<string, string>; pictures: Record<string, string> } {
  const made: Record<string, Section | undefined> = {
    batching: batchingSection(),
    gpu: gpuSection(),
    serving: servingSection(),
    router: routerSection(),
    'end-to-end': endToEndSection(),
  }
  const parts: Record<string, string> = {}
  const pictures: Record<string, string> = {}
  for (const [name, section] of Object.entries(made)) {
    parts[name] = section?.text ?? 'There is no result of this in bench/results yet.'
    Object.assign(pictures, section?.pictures)
  }
  return { parts, pictures }
}
