// Reads aloud what the line says, sentence by sentence, in the voice of its language; captions stay whatever happens.
// Browsers cut long speech off and at times never say that they are done: so short pieces, and a watch over each.
const PATIENCE = 2_500, A_WORD = 600; // milliseconds that a sentence may take at most

export class Voice {
  constructor(panel) {
    this.box = panel.querySelector("input");
    this.note = panel.querySelector("[role=status]");
    this.none = panel.dataset.none;
    this.able = "speechSynthesis" in window;
    this.turn = 0;
    this.reading = Promise.resolve();
    if (this.able) speechSynthesis.getVoices(); // some browsers load them only when they are asked for
    this.box.addEventListener("change", () => this.on || this.cancel());
    panel.hidden = false;
  }

  get on() { return this.box.checked; }

  done() { return this.reading; }

  cancel() {
    this.turn += 1;
    if (this.able) speechSynthesis.cancel();
  }

  read(elements) {
    this.cancel();
    if (this.on) this.reading = this.each(elements, this.turn);
  }

  async each(elements, turn) {
    for (const element of elements) {
      const voice = this.of(element.lang);
      if (!voice) { this.note.textContent = this.none.replace("{language}", element.lang); continue; }
      element.classList.add("said-now");
      for (const sentence of element.textContent.match(/[^.!?]+[.!?]*/g) ?? []) {
        if (turn === this.turn && this.on) await this.say(sentence, voice);
      }
      element.classList.remove("said-now");
    }
  }

  // A voice of the very language, at best one of this machine; of English any will do, of Afrikaans also a Dutch one.
  of(language) {
    const near = { en: ["en"], af: ["af", "nl"] }[language.slice(0, 2)] ?? [language.slice(0, 2)];
    const rank = (one) => {
      const named = one.lang.replace("_", "-");
      const place = near.indexOf(named.slice(0, 2));
      return place < 0 ? -1 : 10 - 4 * place + (named === language ? 2 : 0) + (one.localService ? 1 : 0);
    };
    const voices = this.able ? speechSynthesis.getVoices().filter((one) => rank(one) >= 0) : [];
    return voices.sort((one, other) => rank(other) - rank(one))[0];
  }

  say(sentence, voice) {
    const words = new SpeechSynthesisUtterance(sentence);
    Object.assign(words, { voice, lang: voice.lang });
    this.words = words; // held, or some browsers forget it in the middle and never say that it is over
    return new Promise((over) => {
      const watch = setTimeout(over, PATIENCE + sentence.split(" ").length * A_WORD);
      words.onend = words.onerror = () => { clearTimeout(watch); over(); };
      speechSynthesis.speak(words);
    });
  }
}
