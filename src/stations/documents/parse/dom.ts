// As much of the DOM as the parsers use, and the one place where HTML text becomes a tree. Nothing is fetched and no
// script runs.

import { parseHTML } from 'linkedom'

export interface TreeNode {
  /** 1: element, 3: text. */
  readonly nodeType: number
  readonly textContent: string | null
  readonly firstChild: TreeNode | null
  readonly nextSibling: TreeNode | null
}

export interface TreeElement extends TreeNode {
  readonly tagName: string
  readonly children: Iterable<TreeElement>
  readonly parentElement: TreeElement | null
  getAttribute(name: string): string | null
  hasAttribute(name: string): boolean
  querySelector(selector: string): TreeElement | null
  querySelectorAll(selector: string): Iterable<TreeElement>
  closest(selector: string): TreeElement | null
  remove(): void
}

export interface TreeDocument {
  readonly body: TreeElement
  readonly documentElement: TreeElement | null
  querySelector(selector: string): TreeElement | null
  querySelectorAll(selector: string): Iterable<TreeElement>
}

/** A document of HTML text; what lacks its outer elements gets them. */
export function htmlDocument(html: string): TreeDocument {
  const whole = /<html[\s>]/i.test(html)
    ? html
    : /<body[\s>]/i.test(html)
      ? `<!doctype html><html>${html}</html>`
      : `<!doctype html><html><head></head><body>${html}</body></html>`
  return parseHTML(whole).document
}
