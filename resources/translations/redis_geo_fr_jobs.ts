<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr" sourcelanguage="en">
<context>
    <name>RedisGeo</name>
    <message>
        <source>A layer that fills as results arrive</source>
        <translation>Une couche qui se remplit à mesure que les résultats arrivent</translation>
    </message>
    <message>
        <source>Takes the batch from this list. Results stay in the cache.</source>
        <translation>Retire le lot de cette liste. Les résultats restent dans le cache.</translation>
    </message>
    <message>
        <source>Batch</source>
        <translation>Lot</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>Avancement</translation>
    </message>
    <message>
        <source>Results as layer</source>
        <translation>Résultats en couche</translation>
    </message>
    <message>
        <source>Retry failed</source>
        <translation>Réessayer les échecs</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Oublier</translation>
    </message>
    <message>
        <source>Redis Geo: looking for workers</source>
        <translation>Redis Geo : recherche de travailleurs</translation>
    </message>
    <message>
        <source>Redis Geo: workers compute</source>
        <translation>Redis Geo : les travailleurs calculent</translation>
    </message>
    <message>
        <source>{done} of {total} by workers, which then were gone; the rest here.</source>
        <translation>{done} sur {total} par des travailleurs, qui ont ensuite disparu ; le reste ici.</translation>
    </message>
    <message>
        <source>No connection is set up, so it is computed here.</source>
        <translation>Aucune connexion n’est configurée : le calcul se fait ici.</translation>
    </message>
    <message>
        <source>The queue cannot be reached, so it is computed here.</source>
        <translation>La file est injoignable : le calcul se fait ici.</translation>
    </message>
    <message>
        <source>The jobs could not be sent, so it is computed here.</source>
        <translation>Les tâches n’ont pu être envoyées : le calcul se fait ici.</translation>
    </message>
    <message>
        <source>The queue cannot be reached any more, so the rest is computed here.</source>
        <translation>La file n’est plus joignable : le reste est calculé ici.</translation>
    </message>
    <message>
        <source>{done} of {total} by {workers} workers; what failed there is tried here.</source>
        <translation>{done} sur {total} par {workers} travailleur(s) ; ce qui y a échoué est essayé ici.</translation>
    </message>
    <message>
        <source>{done} of {total} by {workers} workers.</source>
        <translation>{done} sur {total} par {workers} travailleur(s).</translation>
    </message>
    <message>
        <source>No worker is there, so it is computed here.</source>
        <translation>Aucun travailleur n’est là : le calcul se fait ici.</translation>
    </message>
    <message>
        <source>Redis Geo: results of {title}</source>
        <translation>Redis Geo : résultats de {title}</translation>
    </message>
    <message>
        <source>The results of {layer} are no longer kept. Send its features again to compute them.</source>
        <translation>Les résultats de {layer} ne sont plus conservés. Renvoyez ses entités pour les calculer.</translation>
    </message>
    <message>
        <source>The results of {layer} could not be read.</source>
        <translation>Les résultats de {layer} n’ont pu être lus.</translation>
    </message>
    <message>
        <source>{count} results of {layer} are no longer in the cache.</source>
        <translation>{count} résultats de {layer} ne sont plus dans le cache.</translation>
    </message>
    <message>
        <source>Send features</source>
        <translation>Envoyer des entités</translation>
    </message>
    <message>
        <source>Workers</source>
        <translation>Travailleurs</translation>
    </message>
    <message>
        <source>Failed jobs</source>
        <translation>Tâches en échec</translation>
    </message>
    <message>
        <source>This job has no geometry to zoom to.</source>
        <translation>Cette tâche n’a pas de géométrie sur laquelle zoomer.</translation>
    </message>
    <message>
        <source>Redis Geo: jobs</source>
        <translation>Redis Geo : tâches</translation>
    </message>
    <message>
        <source>Redis Geo</source>
        <translation>Redis Geo</translation>
    </message>
    <message>
        <source>Workers ({count})</source>
        <translation>Travailleurs ({count})</translation>
    </message>
    <message>
        <source>Failed jobs ({count})</source>
        <translation>Tâches en échec ({count})</translation>
    </message>
    <message>
        <source>Delete {count} failed jobs for good?</source>
        <translation>Supprimer définitivement {count} tâche(s) en échec ?</translation>
    </message>
    <message>
        <source>{name} is not finished. Cancel what is left, and take it from the list?</source>
        <translation>{name} n’est pas terminé. Annuler ce qui reste, et le retirer de la liste ?</translation>
    </message>
    <message>
        <source>Other layer</source>
        <translation>Autre couche</translation>
    </message>
    <message>
        <source>In the units of the layer</source>
        <translation>Dans les unités de la couche</translation>
    </message>
    <message>
        <source>Tolerance</source>
        <translation>Tolérance</translation>
    </message>
    <message>
        <source>Field</source>
        <translation>Champ</translation>
    </message>
    <message>
        <source>Priority</source>
        <translation>Priorité</translation>
    </message>
    <message>
        <source>The queue that the workers listen to. The usual one is taches_spatiales.</source>
        <translation>La file qu’écoutent les travailleurs. Celle d’usage est taches_spatiales.</translation>
    </message>
    <message>
        <source>Send to the workers</source>
        <translation>Envoyer aux travailleurs</translation>
    </message>
    <message>
        <source>{operation} of {layer}</source>
        <translation>{operation} de {layer}</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Haute</translation>
    </message>
    <message>
        <source>Normal</source>
        <translation>Normale</translation>
    </message>
    <message>
        <source>Low</source>
        <translation>Basse</translation>
    </message>
    <message>
        <source>Queue</source>
        <translation>File</translation>
    </message>
    <message>
        <source>A batch is just being sent. Wait a moment.</source>
        <translation>Un lot est en cours d’envoi. Patientez un instant.</translation>
    </message>
    <message>
        <source>Choose the other layer.</source>
        <translation>Choisissez l’autre couche.</translation>
    </message>
    <message>
        <source>Nothing was sent. See the log for details.</source>
        <translation>Rien n’a été envoyé. Voir les détails dans le journal.</translation>
    </message>
    <message>
        <source>Redis Geo: sending {title}</source>
        <translation>Redis Geo : envoi de {title}</translation>
    </message>
    <message>
        <source>No job has failed.</source>
        <translation>Aucune tâche n’a échoué.</translation>
    </message>
    <message>
        <source>Zoom to</source>
        <translation>Zoomer</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Réessayer</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Supprimer…</translation>
    </message>
    <message>
        <source>{number} of {batch}</source>
        <translation>{number} de {batch}</translation>
    </message>
    <message>
        <source>Job</source>
        <translation>Tâche</translation>
    </message>
    <message>
        <source>Tries</source>
        <translation>Essais</translation>
    </message>
    <message>
        <source>Worker</source>
        <translation>Travailleur</translation>
    </message>
    <message>
        <source>Does</source>
        <translation>Fait</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Faites</translation>
    </message>
    <message>
        <source>Jobs/s</source>
        <translation>Tâches/s</translation>
    </message>
    <message>
        <source>The computation failed</source>
        <translation>Le calcul a échoué</translation>
    </message>
    <message>
        <source>The computation ended its process</source>
        <translation>Le calcul a mis fin à son processus</translation>
    </message>
    <message>
        <source>It ran longer than the worker allows</source>
        <translation>Elle a duré plus longtemps que le travailleur ne le permet</translation>
    </message>
    <message>
        <source>It took more memory than the worker allows</source>
        <translation>Elle a pris plus de mémoire que le travailleur n’en permet</translation>
    </message>
    <message>
        <source>Workers died while they computed it</source>
        <translation>Des travailleurs se sont arrêtés pendant qu’ils la calculaient</translation>
    </message>
    <message>
        <source>No worker knows this operation</source>
        <translation>Aucun travailleur ne connaît cette opération</translation>
    </message>
    <message>
        <source>No worker has this version of the operation</source>
        <translation>Aucun travailleur n’a cette version de l’opération</translation>
    </message>
    <message>
        <source>Its geometry was not found</source>
        <translation>Sa géométrie est introuvable</translation>
    </message>
    <message>
        <source>It is not readable as a job</source>
        <translation>Ce n’est pas une tâche lisible</translation>
    </message>
    <message>
        <source>A parameter is wrong</source>
        <translation>Un paramètre est incorrect</translation>
    </message>
    <message>
        <source>being cancelled</source>
        <translation>en cours d’annulation</translation>
    </message>
    <message>
        <source>being sent</source>
        <translation>en cours d’envoi</translation>
    </message>
    <message>
        <source>waits: the server's memory is full</source>
        <translation>attend : la mémoire du serveur est pleine</translation>
    </message>
    <message>
        <source>finishes what it has</source>
        <translation>finit ce qu’il a</translation>
    </message>
    <message>
        <source>idle</source>
        <translation>libre</translation>
    </message>
    <message>
        <source>working</source>
        <translation>au travail</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>annulé</translation>
    </message>
    <message>
        <source>done</source>
        <translation>terminé</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>en attente</translation>
    </message>
    <message>
        <source>about {time} left</source>
        <translation>encore {time} environ</translation>
    </message>
    <message>
        <source>{reason} ({words})</source>
        <translation>{reason} ({words})</translation>
    </message>
    <message>
        <source>silent for {time}</source>
        <translation>silencieux depuis {time}</translation>
    </message>
    <message>
        <source>{job}, for {time}</source>
        <translation>{job}, depuis {time}</translation>
    </message>
    <message>
        <source>done, {failed} failed</source>
        <translation>terminé, {failed} en échec</translation>
    </message>
    <message>
        <source>ended {time} ago</source>
        <translation>arrêté il y a {time}</translation>
    </message>
    <message>
        <source>Simplify</source>
        <translation>Simplifier</translation>
    </message>
    <message>
        <source>Convex hull</source>
        <translation>Enveloppe convexe</translation>
    </message>
    <message>
        <source>Dissolve by attribute</source>
        <translation>Regrouper par attribut</translation>
    </message>
    <message>
        <source>Distance to the nearest</source>
        <translation>Distance au plus proche</translation>
    </message>
    <message>
        <source>Send jobs to workers</source>
        <translation>Envoyer des tâches aux travailleurs</translation>
    </message>
    <message>
        <source>Jobs</source>
        <translation>Tâches</translation>
    </message>
    <message>
        <source>Puts the features of a layer in a queue that workers on any machine work off.</source>
        <translation>Met les entités d’une couche dans une file que traitent des travailleurs sur n’importe quelle machine.</translation>
    </message>
    <message>
        <source>Sends one job per feature to a queue in Redis or Valkey and does not wait. Workers on this or other machines compute them and put the results in the cache, under the keys that the cached algorithms use too.

Jobs whose result is in the cache already are done at once. The batch's name is the output: give it to “Collect the results of jobs”, or follow it in the Jobs panel.</source>
        <translation>Envoie une tâche par entité à une file dans Redis ou Valkey, sans attendre. Des travailleurs, sur cette machine ou sur d’autres, les calculent et mettent les résultats dans le cache, sous les clés qu’emploient aussi les algorithmes mis en cache.

Les tâches dont le résultat est déjà en cache sont faites aussitôt. Le nom du lot est la sortie : donnez-le à « Recueillir les résultats des tâches », ou suivez-le dans le panneau Tâches.</translation>
    </message>
    <message>
        <source>The layer whose features become jobs; only its selected features if you wish.</source>
        <translation>La couche dont les entités deviennent des tâches ; ses seules entités sélectionnées si vous le voulez.</translation>
    </message>
    <message>
        <source>What the workers compute.</source>
        <translation>Ce que les travailleurs calculent.</translation>
    </message>
    <message>
        <source>The layer to cut with, or to find the nearest feature of. It may have another CRS.</source>
        <translation>La couche avec laquelle découper, ou dont on cherche l’entité la plus proche. Elle peut avoir un autre SCR.</translation>
    </message>
    <message>
        <source>For dissolving: features with equal values are united. Empty: all features.</source>
        <translation>Pour regrouper : les entités de valeurs égales sont réunies. Vide : toutes les entités.</translation>
    </message>
    <message>
        <source>For a buffer: the distance in the units of the layer, or in metres where measured on the ellipsoid.</source>
        <translation>Pour un tampon : la distance dans les unités de la couche, ou en mètres si elle est mesurée sur l’ellipsoïde.</translation>
    </message>
    <message>
        <source>The queue that the workers listen to.</source>
        <translation>La file qu’écoutent les travailleurs.</translation>
    </message>
    <message>
        <source>Jobs of a lower priority wait until no higher one does.</source>
        <translation>Les tâches d’une priorité plus basse attendent qu’il n’y en ait plus de plus haute.</translation>
    </message>
    <message>
        <source>What the Jobs panel calls it. Empty: the operation and the layer.</source>
        <translation>Son nom dans le panneau Tâches. Vide : l’opération et la couche.</translation>
    </message>
    <message>
        <source>job,queue,worker,batch,redis,valkey,buffer,intersection</source>
        <translation>tâche,file,travailleur,lot,redis,valkey,tampon,intersection</translation>
    </message>
    <message>
        <source>Dissolve fields</source>
        <translation>Champs de regroupement</translation>
    </message>
    <message>
        <source>Jobs sent</source>
        <translation>Tâches envoyées</translation>
    </message>
    <message>
        <source>Name of the batch</source>
        <translation>Nom du lot</translation>
    </message>
    <message>
        <source>This operation needs an overlay layer.</source>
        <translation>Cette opération demande une couche de superposition.</translation>
    </message>
    <message>
        <source>{count} jobs sent as batch {batch}; {cached} of them were in the cache already.</source>
        <translation>{count} tâches envoyées dans le lot {batch} ; {cached} étaient déjà dans le cache.</translation>
    </message>
    <message>
        <source>This cannot be the name of a queue: {why}</source>
        <translation>Ce ne peut être le nom d’une file : {why}</translation>
    </message>
    <message>
        <source>Collect the results of jobs</source>
        <translation>Recueillir les résultats des tâches</translation>
    </message>
    <message>
        <source>Waits until workers have worked off a batch, and makes a layer of the results.</source>
        <translation>Attend que les travailleurs aient traité un lot, et fait une couche des résultats.</translation>
    </message>
    <message>
        <source>Takes the name of a batch, as “Send jobs to workers” returns it, waits for its jobs and writes their results with the attributes that were sent along, in the order of the features. It may run on another machine than the one that sent the batch.

Jobs that failed are counted and named in the log. When the time is over, what is there is collected.</source>
        <translation>Prend le nom d’un lot, tel que le rend « Envoyer des tâches aux travailleurs », attend ses tâches et écrit leurs résultats avec les attributs envoyés, dans l’ordre des entités. Peut s’exécuter sur une autre machine que celle qui a envoyé le lot.

Les tâches en échec sont comptées et nommées dans le journal. Une fois le délai écoulé, ce qui est là est recueilli.</translation>
    </message>
    <message>
        <source>When this time is over, the results that are there are collected. 0 does not wait.</source>
        <translation>Une fois ce délai écoulé, les résultats présents sont recueillis. 0 : sans attendre.</translation>
    </message>
    <message>
        <source>The queue to which the batch was sent.</source>
        <translation>La file à laquelle le lot a été envoyé.</translation>
    </message>
    <message>
        <source>job,queue,worker,batch,redis,valkey,result</source>
        <translation>tâche,file,travailleur,lot,redis,valkey,résultat</translation>
    </message>
    <message>
        <source>Results collected</source>
        <translation>Résultats recueillis</translation>
    </message>
    <message>
        <source>Jobs without a result</source>
        <translation>Tâches sans résultat</translation>
    </message>
    <message>
        <source>Job {index} failed: {why}</source>
        <translation>La tâche {index} a échoué : {why}</translation>
    </message>
    <message>
        <source>{count} results are no longer in the cache. Send the batch again, or keep them longer.</source>
        <translation>{count} résultats ne sont plus dans le cache. Renvoyez le lot, ou gardez-les plus longtemps.</translation>
    </message>
    <message>
        <source>There is no batch named {name} in this queue. Its books may have expired.</source>
        <translation>Il n’y a pas de lot nommé {name} dans cette file. Ses écritures ont peut-être expiré.</translation>
    </message>
    <message>
        <source>{done} of {total} jobs are done; the others are left out.</source>
        <translation>{done} tâches sur {total} sont faites ; les autres sont laissées de côté.</translation>
    </message>
    <message>
        <source>Computed once for the whole organisation.</source>
        <translation>Calculé une fois pour toute l’organisation.</translation>
    </message>
    <message>
        <source>Removes vertices that lie closer than a tolerance to the simplified line (Douglas-Peucker).</source>
        <translation>Retire les sommets plus proches qu’une tolérance de la ligne simplifiée (Douglas-Peucker).</translation>
    </message>
    <message>
        <source>Draws the smallest convex area around each feature, with its area and perimeter.</source>
        <translation>Trace la plus petite surface convexe autour de chaque entité, avec son aire et son périmètre.</translation>
    </message>
    <message>
        <source>Unites the features that have the same values in some fields, or all of them.</source>
        <translation>Réunit les entités qui ont les mêmes valeurs dans certains champs, ou toutes.</translation>
    </message>
    <message>
        <source>The layer to work on; only its selected features if you wish.</source>
        <translation>La couche à traiter ; ses seules entités sélectionnées si vous le voulez.</translation>
    </message>
    <message>
        <source>How far the result may lie from the original, in the units of the layer.</source>
        <translation>De combien le résultat peut s’écarter de l’original, dans les unités de la couche.</translation>
    </message>
    <message>
        <source>Features with equal values in these fields are united. Empty: all features.</source>
        <translation>Les entités de valeurs égales dans ces champs sont réunies. Vide : toutes les entités.</translation>
    </message>
    <message>
        <source>Input layer 2</source>
        <translation>Couche source 2</translation>
    </message>
    <message>
        <source>The layer whose nearest feature is sought. It may have another CRS.</source>
        <translation>La couche dont on cherche l’entité la plus proche. Elle peut avoir un autre SCR.</translation>
    </message>
    <message>
        <source>{operation} (cached in Redis)</source>
        <translation>{operation} (en cache dans Redis)</translation>
    </message>
    <message>
        <source>cache,redis,valkey</source>
        <translation>cache,redis,valkey</translation>
    </message>
    <message>
        <source>For a buffer. {help}</source>
        <translation>Pour un tampon. {help}</translation>
    </message>
    <message>
        <source>being computed</source>
        <translation>en cours de calcul</translation>
    </message>
    <message>
        <source>computed</source>
        <translation>calculée</translation>
    </message>
    <message>
        <source>from the cache</source>
        <translation>du cache</translation>
    </message>
    <message>
        <source>Jobs of the batch</source>
        <translation>Tâches du lot</translation>
    </message>
    <message>
        <source>Choose a batch above to see its jobs.</source>
        <translation>Choisissez un lot ci-dessus pour voir ses tâches.</translation>
    </message>
    <message>
        <source>Cancel job</source>
        <translation>Annuler la tâche</translation>
    </message>
    <message>
        <source>No.</source>
        <translation>N°</translation>
    </message>
    <message>
        <source>Feature</source>
        <translation>Entité</translation>
    </message>
    <message>
        <source>Took</source>
        <translation>Durée</translation>
    </message>
    <message>
        <source>Sent</source>
        <translation>Envoyé</translation>
    </message>
    <message>
        <source>done, {cancelled} cancelled</source>
        <translation>terminé, annulées : {cancelled}</translation>
    </message>
    <message>
        <source>under way</source>
        <translation>en cours</translation>
    </message>
    <message>
        <source>No worker has the version of GEOS that was asked for</source>
        <translation>Aucun travailleur n’a la version de GEOS demandée</translation>
    </message>
    <message>
        <source>No worker has the GEOS {version} of this QGIS, so it is computed here.</source>
        <translation>Aucun travailleur n’a le GEOS {version} de ce QGIS : le calcul se fait ici.</translation>
    </message>
    <message>
        <source>{id}: {processes} processes, version {version}, GEOS {geos}, knows {operations}</source>
        <translation>{id} : {processes} processus, version {version}, GEOS {geos}, connaît {operations}</translation>
    </message>
    <message>
        <source>The workers have GEOS {theirs}, this QGIS has another version: in places their results may differ from those computed here, and they are kept apart from them.</source>
        <translation>Les travailleurs ont GEOS {theirs}, ce QGIS une autre version : par endroits, leurs résultats peuvent différer de ceux calculés ici, et ils en sont gardés à part.</translation>
    </message>
    <message>
        <source>Computes a buffer around every feature.</source>
        <translation>Calcule un tampon autour de chaque entité.</translation>
    </message>
    <message>
        <source>Takes from every feature the parts that lie within the features of another layer.</source>
        <translation>Prend de chaque entité les parties situées dans les entités d’une autre couche.</translation>
    </message>
    <message>
        <source>For {operation}: {help}</source>
        <translation>Pour {operation} : {help}</translation>
    </message>
    <message>
        <source>lost</source>
        <translation>perdue</translation>
    </message>
    <message>
        <source>not readable: {key}</source>
        <translation>illisible : {key}</translation>
    </message>
    <message>
        <source>ended, {lost} lost</source>
        <translation>terminé, {lost} perdues</translation>
    </message>
    <message>
        <source>For batches with lost jobs, whose queue was trimmed or thrown out of the server’s memory: sends the features again. What was computed already is taken from the cache.</source>
        <translation>Pour les lots dont des tâches sont perdues, parce que leur file a été tronquée ou chassée de la mémoire du serveur : renvoie les entités. Ce qui a déjà été calculé est pris dans le cache.</translation>
    </message>
    <message>
        <source>Send again</source>
        <translation>Renvoyer</translation>
    </message>
    <message>
        <source>{computed} computed, {cached} from the cache, {failed} failed, {cancelled} cancelled, {lost} lost. Batch {id}</source>
        <translation>{computed} calculées, {cached} prises dans le cache, {failed} en échec, {cancelled} annulées, {lost} perdues. Lot {id}</translation>
    </message>
    <message>
        <source>{done} of {total} by {workers} workers; what the server has lost is computed here.</source>
        <translation>{done} sur {total} par {workers} travailleurs ; ce que le serveur a perdu est calculé ici.</translation>
    </message>
    <message>
        <source>Not readable, as another program has written there: {keys}</source>
        <translation>Illisible, car un autre programme y a écrit : {keys}</translation>
    </message>
    <message>
        <source>Choose the layer (and the features) above and send them again; what was computed already is not again.</source>
        <translation>Choisissez la couche (et les entités) ci-dessus et renvoyez-les ; ce qui a déjà été calculé ne l’est pas de nouveau.</translation>
    </message>
    <message>
        <source>{count} jobs are lost: their queue was trimmed or thrown out of the server’s memory. Send the batch again; what was computed already is taken from the cache.</source>
        <translation>{count} tâches sont perdues : leur file a été tronquée ou chassée de la mémoire du serveur. Renvoyez le lot ; ce qui a déjà été calculé est pris dans le cache.</translation>
    </message>
    <message>
        <source>The batch cannot be read, as another program has written there: {key}</source>
        <translation>Le lot ne peut être lu, car un autre programme y a écrit : {key}</translation>
    </message>
    <message>
        <source>{layer}: fills as results arrive.</source>
        <translation>{layer} : se remplit à mesure que les résultats arrivent.</translation>
    </message>
    <message>
        <source>{layer} is a plain layer of yours now, with the results that had arrived.</source>
        <translation>{layer} est désormais une simple couche à vous, avec les résultats arrivés jusque-là.</translation>
    </message>
    <message>
        <source>Joins to each feature the attributes of the nearest feature of another layer, and draws the shortest line to it, with its length in the field distance, in the units of the input layer's CRS.</source>
        <translation>Joint à chaque entité les attributs de l’entité la plus proche d’une autre couche et trace la ligne la plus courte jusqu’à elle, avec sa longueur dans le champ distance, dans les unités du SCR de la couche en entrée.</translation>
    </message>
    <message>
        <source>Simplification method</source>
        <translation>Méthode de simplification</translation>
    </message>
    <message>
        <source>Results by distance are kept in the cache. Snapping to a grid and simplifying by area take less time than asking for a result: they are computed on the spot, by QGIS itself.</source>
        <translation>Les résultats par distance sont gardés dans le cache. Accrocher à une grille et simplifier par surface prend moins de temps que demander un résultat : c’est calculé sur place, par QGIS lui-même.</translation>
    </message>
    <message>
        <source>Features whose {parameter} is NULL or no number: {count}. The default of the parameter was taken for them, as {native} does.</source>
        <translation>Entités dont {parameter} est NULL ou n’est pas un nombre : {count}. La valeur par défaut du paramètre a été prise pour elles, comme le fait {native}.</translation>
    </message>
    <message>
        <source>The name of the batch, as “Send jobs to workers” returns it.</source>
        <translation>Le nom du lot, tel que « Envoyer des tâches aux travailleurs » le renvoie.</translation>
    </message>
    <message>
        <source>Wait for at most (seconds; 0: do not wait)</source>
        <translation>Attendre au plus (secondes ; 0 : ne pas attendre)</translation>
    </message>
    <message>
        <source>Keep for (seconds; 0: until purged)</source>
        <translation>Conserver (secondes ; 0 : jusqu’à la purge)</translation>
    </message>
    <message>
        <source>{n} times</source>
        <translation>{n} fois</translation>
    </message>
    <message>
        <source>exit code {code}</source>
        <translation>code de sortie {code}</translation>
    </message>
    <message>
        <source>GEOS {wanted} is wanted, the worker has {here}</source>
        <translation>GEOS {wanted} est demandé, le travailleur a {here}</translation>
    </message>
    <message>
        <source>the key is not that of the geometry and the parameters</source>
        <translation>la clé n’est pas celle de la géométrie et des paramètres</translation>
    </message>
    <message>
        <source>the job has none</source>
        <translation>la tâche n’en a pas</translation>
    </message>
    <message>
        <source>the batch no longer holds the geometries of its other layer</source>
        <translation>le lot ne contient plus les géométries de son autre couche</translation>
    </message>
    <message>
        <source>no result</source>
        <translation>aucun résultat</translation>
    </message>
    <message>
        <source>{name} is missing</source>
        <translation>{name} manque</translation>
    </message>
    <message>
        <source>not the description of a job: {why}</source>
        <translation>ce n’est pas la description d’une tâche : {why}</translation>
    </message>
    <message>
        <source>results kept for {n} seconds</source>
        <translation>résultats conservés {n} secondes</translation>
    </message>
    <message>
        <source>{n} characters</source>
        <translation>{n} caractères</translation>
    </message>
    <message>
        <source>not a JSON object</source>
        <translation>ce n’est pas un objet JSON</translation>
    </message>
    <message>
        <source>neither WKB, WKT nor GeoJSON</source>
        <translation>ni WKB, ni WKT, ni GeoJSON</translation>
    </message>
    <message>
        <source>coordinates that are not numbers</source>
        <translation>des coordonnées qui ne sont pas des nombres</translation>
    </message>
    <message>
        <source>namespace must be a word without a colon</source>
        <translation>namespace doit être un mot sans deux-points</translation>
    </message>
    <message>
        <source>ttl must be a number of seconds, 0 to keep</source>
        <translation>ttl doit être un nombre de secondes, 0 pour conserver</translation>
    </message>
    <message>
        <source>{name} must be a number</source>
        <translation>{name} doit être un nombre</translation>
    </message>
    <message>
        <source>a tolerance must not be negative</source>
        <translation>une tolérance ne peut pas être négative</translation>
    </message>
    <message>
        <source>not a parameter of a buffer: {why}</source>
        <translation>ce n’est pas un paramètre de tampon : {why}</translation>
    </message>
    <message>
        <source>not a CRS: {why}</source>
        <translation>ce n’est pas un SCR : {why}</translation>
    </message>
    <message>
        <source>segments must be from 1 to {most}</source>
        <translation>les segments doivent être de 1 à {most}</translation>
    </message>
    <message>
        <source>not a size of a grid: {why}</source>
        <translation>ce n’est pas une taille de grille : {why}</translation>
    </message>
    <message>
        <source>the size of a grid must not be negative</source>
        <translation>la taille d’une grille ne peut pas être négative</translation>
    </message>
    <message>
        <source>not a parameter of it: {why}</source>
        <translation>ce n’en est pas un paramètre : {why}</translation>
    </message>
    <message>
        <source>neighbors must be at least 1, and the distance not negative</source>
        <translation>neighbors doit être au moins 1, et la distance non négative</translation>
    </message>
    <message>
        <source>{name} was cancelled; {done} of {total} jobs were done.</source>
        <translation>{name} a été annulé ; {done} tâches sur {total} étaient faites.</translation>
    </message>
    <message>
        <source>{name} is done. Jobs: {total}.</source>
        <translation>{name} est terminé. Tâches : {total}.</translation>
    </message>
    <message>
        <source>{name} has ended; {done} of {total} jobs were done.</source>
        <translation>{name} a pris fin ; {done} tâches faites sur {total}.</translation>
    </message>
    <message>
        <source>Failed: {count}.</source>
        <translation>En échec : {count}.</translation>
    </message>
    <message>
        <source>Lost: {count}.</source>
        <translation>Perdues : {count}.</translation>
    </message>
    <message>
        <source>It took {time}.</source>
        <translation>Durée : {time}.</translation>
    </message>
    <message>
        <source>it failed</source>
        <translation>il a échoué</translation>
    </message>
    <message>
        <source>the address of the connection cannot be used</source>
        <translation>l’adresse de la connexion est inutilisable</translation>
    </message>
    <message>
        <source>the server is away</source>
        <translation>le serveur est absent</translation>
    </message>
    <message>
        <source>the server refused it (password, rights, certificate or database)</source>
        <translation>le serveur l’a refusé (mot de passe, droits, certificat ou base)</translation>
    </message>
    <message>
        <source>The worker on this computer has ended: {why}.</source>
        <translation>Le travailleur de cet ordinateur a pris fin : {why}.</translation>
    </message>
    <message>
        <source>A worker with the Python of this QGIS would compute with GEOS {theirs}, not with GEOS {wanted} as this QGIS does. With packages of its own it computes the same.</source>
        <translation>Avec le Python de ce QGIS, un travailleur calculerait avec GEOS {theirs}, et non avec GEOS {wanted} comme ce QGIS. Avec des paquets à lui, il calcule la même chose.</translation>
    </message>
    <message>
        <source>The jobs wait in the queue: no worker is there.</source>
        <translation>Les tâches attendent dans la file : il n’y a pas de travailleur.</translation>
    </message>
    <message>
        <source>Start a worker here</source>
        <translation>Démarrer un travailleur ici</translation>
    </message>
    <message>
        <source>The workers have GEOS {theirs}, this QGIS has GEOS {ours}: in places their results may differ from those computed here, and they are kept apart from them.</source>
        <translation>Les travailleurs ont GEOS {theirs}, ce QGIS a GEOS {ours} : par endroits leurs résultats peuvent différer de ceux calculés ici, et ils en sont tenus à part.</translation>
    </message>
    <message>
        <source>Jobs of this queue that it has computed, or found in the cache, since it started</source>
        <translation>Tâches de cette file qu’il a calculées, ou trouvées dans le cache, depuis son démarrage</translation>
    </message>
    <message>
        <source>A process of its own on this computer that takes jobs from the queue, with the GEOS of this QGIS. It leaves one core to QGIS and ends with it.</source>
        <translation>Un processus à part, sur cet ordinateur, qui prend des tâches dans la file, avec le GEOS de ce QGIS. Il laisse un cœur à QGIS et prend fin avec lui.</translation>
    </message>
    <message>
        <source>Starting a worker</source>
        <translation>Démarrage d’un travailleur</translation>
    </message>
    <message>
        <source>Installing packages for a worker</source>
        <translation>Installation de paquets pour un travailleur</translation>
    </message>
    <message>
        <source>Stop the worker here</source>
        <translation>Arrêter le travailleur d’ici</translation>
    </message>
    <message>
        <source>Show its log</source>
        <translation>Afficher son journal</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Démarrage…</translation>
    </message>
    <message>
        <source>Finishes what it has…</source>
        <translation>Il finit ce qu’il a…</translation>
    </message>
    <message>
        <source>Log of the worker</source>
        <translation>Journal du travailleur</translation>
    </message>
    <message>
        <source>Nothing stands in the log yet.</source>
        <translation>Il n’y a encore rien dans le journal.</translation>
    </message>
    <message>
        <source>Reading the log of the worker</source>
        <translation>Lecture du journal du travailleur</translation>
    </message>
    <message>
        <source>The packages could not be installed. The reason is in the log.</source>
        <translation>Les paquets n’ont pas pu être installés. La raison est dans le journal.</translation>
    </message>
    <message>
        <source>The worker did not start. {why}</source>
        <translation>Le travailleur n’a pas démarré. {why}</translation>
    </message>
    <message>
        <source>Install them…</source>
        <translation>Les installer…</translation>
    </message>
    <message>
        <source>Process {pid} works for “{connection}” until QGIS ends.</source>
        <translation>Le processus {pid} travaille pour « {connection} » jusqu’à la fermeture de QGIS.</translation>
    </message>
    <message>
        <source>Install {package}, pyproj and redis with pip into the folder of your QGIS profile, for the worker alone? About 40 MB are fetched from the package index that your Python is set to use. QGIS itself does not use them, and nothing outside this folder changes:
{folder}</source>
        <translation>Installer {package}, pyproj et redis avec pip dans le dossier de votre profil QGIS, pour le seul travailleur ? Environ 40 Mo sont téléchargés depuis l’index de paquets que votre Python utilise. QGIS lui-même ne s’en sert pas, et rien ne change en dehors de ce dossier :
{folder}</translation>
    </message>
    <message>
        <source>Its geometry cannot be read or computed</source>
        <translation>Sa géométrie ne peut pas être lue ou calculée</translation>
    </message>
    <message>
        <source>Models: features</source>
        <translation>Modèles : entités</translation>
    </message>
    <message>
        <source>Models: steps</source>
        <translation>Modèles : étapes</translation>
    </message>
    <message>
        <source>Models: parts of layers</source>
        <translation>Modèles : morceaux de couches</translation>
    </message>
    <message>
        <source>A worker needs Python packages that this QGIS does not have.</source>
        <translation>Un travailleur a besoin de paquets Python que ce QGIS n’a pas.</translation>
    </message>
    <message>
        <source>Workers: {workers} (processes: {processes}). Jobs waiting or under way: {waiting}.</source>
        <translation>Travailleurs : {workers} (processus : {processes}). Tâches en attente ou en cours : {waiting}.</translation>
    </message>
    <message>
        <source>No worker is there. Jobs that wait for one: {waiting}.</source>
        <translation>Il n’y a aucun travailleur. Tâches qui en attendent un : {waiting}.</translation>
    </message>
    <message>
        <source>No worker is there.</source>
        <translation>Il n’y a aucun travailleur.</translation>
    </message>
    <message>
        <source>The worker on this computer is told to end. {why}</source>
        <translation>Le travailleur de cet ordinateur est prié de s’arrêter. {why}</translation>
    </message>
</context>
</TS>
