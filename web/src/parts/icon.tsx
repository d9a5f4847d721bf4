// The page's icons: 16 by 16, drawn in strokes of the text's colour.

const paths = {
  ask: 'M2.5 3h11v8h-6l-3 2.5V11h-2z',
  library: 'M3 2.5v11M6.5 2.5v11M10 3l3.2 10.2',
  tool: 'M9.8 6.2 3 13M13.5 4.5l-2 2-2-2 2-2a3.2 3.2 0 0 0-3.9 4.1',
  floor: 'M1.5 11h13M4 11V7h3v4M9 11V4.5h3.5V11',
  settings:
    'M6 8a2 2 0 1 0 4 0 2 2 0 1 0-4 0M8 2v2M8 12v2M2 8h2M12 8h2M3.8 3.8l1.4 1.4M10.8 10.8l1.4 1.4M12.2 3.8l-1.4 1.4M5.2 10.8l-1.4 1.4',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z',
  sun: 'M5 8a3 3 0 1 0 6 0 3 3 0 1 0-6 0M8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M12.6 3.4l-.7.7M4.1 11.9l-.7.7',
  search: 'M2.5 7a4.5 4.5 0 1 0 9 0 4.5 4.5 0 1 0-9 0M10.5 10.5l3.5 3.5',
  folder: 'M1.8 4v8.5h12.4V5.5H8L6.5 4z',
  retry: 'M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 1.8v2.7h-2.7',
  trace: 'M2 4h5M5 8h6M9 12h5',
  trash: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9',
  filter: 'M2.5 4h11M4.5 8h7M6.5 12h3',
  follow: 'M3 3v4.5a2 2 0 0 0 2 2h8M10 6.5l3 3-3 3',
  document: 'M4 1.8h5l3 3v9.4H4zM9 1.8v3h3',
  undo: 'M5.5 3 2.5 6l3 3M2.5 6h7a4 4 0 0 1 0 8h-3',
  open: 'M6.5 3.5h-3v9h9v-3M9.5 3h3.5v3.5M13 3 8 8',
  upload: 'M8 10.5v-8M5 5.5l3-3 3 3M2.5 10.5v3h11v-3',
  download: 'M8 2.5v8M5 7.5l3 3 3-3M2.5 10.5v3h11v-3',
  send: 'M8 13V3.5M4 7l4-4 4 4',
  plus: 'M8 3v10M3 8h10',
  left: 'm10 4-4 4 4 4',
  right: 'm6 4 4 4-4 4',
  down: 'm4 6 4 4 4-4',
  up: 'm4 10 4-4 4 4',
  check: 'm3 8.5 3.2 3L13 4.5',
  close: 'm4 4 8 8M12 4l-8 8',
  copy: 'M5.5 7A1.5 1.5 0 0 1 7 5.5h5A1.5 1.5 0 0 1 13.5 7v5a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 12zM3.5 10.5H3a1 1 0 0 1-1-1v-6A1.5 1.5 0 0 1 3.5 2h6a1 1 0 0 1 1 1v.5',
  edit: 'M2.5 13.5l.6-2.8 7.6-7.6 2.2 2.2-7.6 7.6zM9.4 4.4l2.2 2.2',
  link: 'M6.5 9.5l3-3M7 4.5l1.2-1.2a2.7 2.7 0 0 1 3.8 3.8L10.8 8.500M9 11.500l-1.200 1.200a2.700 2.700 0 0 1-3.800-3.800L5.200 7.500',
  list: 'M2.5 4h11M2.5 8h11M2.5 12h11',
  /** Filled: what it stands on stops something. */
  stop: 'M5 4h6a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
} as const

export type IconName = keyof typeof paths

/** An icon. It says nothing to a screen reader: what it stands on has the words. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg class="ic" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={paths[name]} fill={name === 'stop' ? 'currentColor' : 'none'} />
    </svg>
  )
}
