// Runs before the first paint, so that nothing flashes: sets the theme and the language on the root element.
// web/src/theme.ts and web/src/language.ts take over from here and write the same two keys.
;(function () {
  var root = document.documentElement
  var theme = null
  var language = null
  try {
    theme = localStorage.getItem('andon.theme')
    language = localStorage.getItem('andon.language')
  } catch {
    // A browser that keeps nothing shows the system's theme and language.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'dark' : 'light'
  var first = language || (navigator.languages && navigator.languages[0]) || navigator.language || 'en'
  root.lang = /^zh/i.test(first) ? 'zh-CN' : 'en'
})()
