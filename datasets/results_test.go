package datasets

const resultsHeader = "\ufeffid_bvote,scrutin,annee,tour,date,num_circ,num_quartier,num_arrond,num_bureau,nb_procu,nb_inscr,nb_emarg,nb_votant,nb_bl_nul,nb_exprim,raw_row_id,candidate_source_column,votes,candidate,source_file,dataset_id,vote_share_exprimes,vote_share_registered,nb_bl,nb_nul,source_bv_id,nom,prenom,nuance,liste\n"
