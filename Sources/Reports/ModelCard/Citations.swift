internal import JSONValues

/// What to cite: the papers that sentence-transformers names for its losses.
enum Citations {
  /// The citations of a run: what each is for, and BibTeX.
  static func list(of losses: [JSONObject]) -> [(name: String, text: String)] {
    var entries: [(names: [String], text: String)] = [(["Sentence Transformers"], sentenceBERT)]
    for loss in losses {
      guard let name = loss["name"]?.string, let text = citation(of: loss) else { continue }
      if let place = entries.firstIndex(where: { $0.text == text }) {
        if !entries[place].names.contains(name) { entries[place].names.append(name) }
      } else {
        entries.append(([name], text))
      }
    }
    return entries.map { ($0.names.joined(separator: " and "), $0.text) }
  }

  private static func citation(of loss: JSONObject) -> String? {
    switch loss["name"]?.string {
    case "MultipleNegativesRankingLoss":
      let directions = Set(loss["directions"]?.array?.compactMap(\.string) ?? [])
      let mode = loss["partition_mode"]?.string
      if directions.count == 4, mode == "joint" { return gte }
      let isSymmetric = directions == ["query_to_doc", "doc_to_query"]
      return isSymmetric && mode == "per_direction" ? jina : infoNCE
    case "CachedMultipleNegativesRankingLoss": return gradCache
    case "GISTEmbedLoss", "CachedGISTEmbedLoss": return gist
    case "MatryoshkaLoss": return matryoshka
    case "MarginMSELoss": return marginMSE
    case "DistillKLDivLoss": return distillation
    default: return nil
    }
  }

  private static let sentenceBERT = """
    @inproceedings{reimers-2019-sentence-bert,
        title = "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks",
        author = "Reimers, Nils and Gurevych, Iryna",
        booktitle = "Proceedings of the 2019 Conference on Empirical Methods in Natural Language Processing",
        month = "11",
        year = "2019",
        publisher = "Association for Computational Linguistics",
        url = "https://arxiv.org/abs/1908.10084",
    }
    """

  private static let infoNCE = """
    @misc{oord2019representationlearningcontrastivepredictive,
          title={Representation Learning with Contrastive Predictive Coding},
          author={Aaron van den Oord and Yazhe Li and Oriol Vinyals},
          year={2019},
          eprint={1807.03748},
          archivePrefix={arXiv},
          primaryClass={cs.LG},
          url={https://arxiv.org/abs/1807.03748},
    }
    """

  private static let gte = """
    @misc{li2023generaltextembeddingsmultistage,
          title={Towards General Text Embeddings with Multi-stage Contrastive Learning},
          author={Zehan Li and Xin Zhang and Yanzhao Zhang and Dingkun Long and Pengjun Xie and Meishan Zhang},
          year={2023},
          eprint={2308.03281},
          archivePrefix={arXiv},
          primaryClass={cs.CL},
          url={https://arxiv.org/abs/2308.03281},
    }
    """

  private static let jina = """
    @misc{günther2024jinaembeddings28192token,
          title={Jina Embeddings 2: 8192-Token General-Purpose Text Embeddings for Long Documents},
          author={Michael Günther and Jackmin Ong and Isabelle Mohr and Alaeddine Abdessalem and Tanguy Abel and Mohammad Kalim Akram and Susana Guzman and Georgios Mastrapas and Saba Sturua and Bo Wang and Maximilian Werk and Nan Wang and Han Xiao},
          year={2024},
          eprint={2310.19923},
          archivePrefix={arXiv},
          primaryClass={cs.CL},
          url={https://arxiv.org/abs/2310.19923},
    }
    """

  private static let gradCache = """
    @misc{gao2021scaling,
        title={Scaling Deep Contrastive Learning Batch Size under Memory Limited Setup},
        author={Luyu Gao and Yunyi Zhang and Jiawei Han and Jamie Callan},
        year={2021},
        eprint={2101.06983},
        archivePrefix={arXiv},
        primaryClass={cs.LG}
    }
    """

  private static let gist = """
    @misc{solatorio2024gistembed,
        title={GISTEmbed: Guided In-sample Selection of Training Negatives for Text Embedding Fine-tuning},
        author={Aivin V. Solatorio},
        year={2024},
        eprint={2402.16829},
        archivePrefix={arXiv},
        primaryClass={cs.LG}
    }
    """

  private static let matryoshka = """
    @misc{kusupati2024matryoshka,
        title={Matryoshka Representation Learning},
        author={Aditya Kusupati and Gantavya Bhatt and Aniket Rege and Matthew Wallingford and Aditya Sinha and Vivek Ramanujan and William Howard-Snyder and Kaifeng Chen and Sham Kakade and Prateek Jain and Ali Farhadi},
        year={2024},
        eprint={2205.13147},
        archivePrefix={arXiv},
        primaryClass={cs.LG}
    }
    """

  private static let marginMSE = """
    @misc{hofstätter2021improving,
        title={Improving Efficient Neural Ranking Models with Cross-Architecture Knowledge Distillation},
        author={Sebastian Hofstätter and Sophia Althammer and Michael Schröder and Mete Sertkan and Allan Hanbury},
        year={2021},
        eprint={2010.02666},
        archivePrefix={arXiv},
        primaryClass={cs.IR}
    }
    """

  private static let distillation = """
    @misc{lin2020distillingdenserepresentationsranking,
          title={Distilling Dense Representations for Ranking using Tightly-Coupled Teachers},
          author={Sheng-Chieh Lin and Jheng-Hong Yang and Jimmy Lin},
          year={2020},
          eprint={2010.11386},
          archivePrefix={arXiv},
          primaryClass={cs.IR},
          url={https://arxiv.org/abs/2010.11386},
    }
    """
}
