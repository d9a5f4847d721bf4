// The words of the document view.

import { words } from '../language.ts'

export const t = words({
  document: ['Document', '文档'],
  close: ['Close', '关闭'],
  reading: ['Reading the document', '正在读取文档'],
  page: ['Page {n}', '第 {n} 页'],
  'line.one': ['line {a}', '第 {a} 行'],
  'line.more': ['lines {a}–{b}', '第 {a}–{b} 行'],
  passage: ['Cited passage', '引用的原文'],
  changed: ['The document changed since. The passage now stands here.', '文档此后有改动，这段原文现在在这里。'],
  gone: ['The document changed since and no longer says this. It said:', '文档此后有改动，已没有这段话。原来写的是：'],
  deleted: ['This document was deleted since. It said:', '文档已被删除。原来写的是：'],
  'deleted.alone': ['This document was deleted.', '文档已被删除。'],
  none: ['There is no text to show', '没有可显示的文字'],
  find: ['Search in this document', '在本文档中搜索'],
  'find.count': ['{a} of {b}', '第 {a} 处，共 {b} 处'],
  'find.none': ['Not in it', '没有找到'],
  'find.more': ['{a} of {b} so far', '第 {a} 处，已找到 {b} 处'],
  'find.far': ['Searched in its first {n} characters.', '只搜索了前 {n} 个字符。'],
  'find.previous': ['Previous match', '上一处'],
  'find.next': ['Next match', '下一处'],
  more: ['Show more', '继续显示'],
  table: ['Table', '表格'],
  code: ['Code', '代码'],
})
