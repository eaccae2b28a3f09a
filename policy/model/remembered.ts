/** The same function, asked once for each text: most texts of a stack stand there many times. */
export function remembered<T>(ask: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined || answers.has(text)) return known as T;
    const answer = ask(text);
    answers.set(text, answer);
    return answer;
  };
}
