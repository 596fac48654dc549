// Names of areas, as short as they can be told apart: of "Paris 18e Arrondissement" among its like "18e" remains.

// shortened leaves out the words that all names begin with, and those that all end with.
export function shortened(names: string[]): string[] {
  const split = names.map((name) => name.split(' '))
  const common = (word: (words: string[], i: number) => string | undefined): number => {
    const [first] = split
    let n = 0
    while (first && n < first.length && split.every((words) => words.length > n + 1 && word(words, n) === word(first, n))) n++
    return n
  }
  if (names.length < 2) return names
  const begin = common((words, i) => words[i])
  const end = common((words, i) => words[words.length - 1 - i])
  return split.map((words, i) => words.slice(begin, words.length - end).join(' ') || (names[i] ?? ''))
}
