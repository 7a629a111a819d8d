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
        <source>{computed} computed, {cached} from the cache, {failed} failed, {cancelled} cancelled. Batch {id}</source>
        <translation>{computed} calculées, {cached} tirées du cache, {failed} en échec, {cancelled} annulées. Lot {id}</translation>
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
        <source>Workers: {workers}, with {processes} processes. Jobs waiting or under way: {waiting}.</source>
        <translation>Travailleurs : {workers}, avec {processes} processus. Tâches en attente ou en cours : {waiting}.</translation>
    </message>
    <message>
        <source>The jobs wait in the queue: no worker is there. Start one with “python -m redis_geo_plugin.worker”.</source>
        <translation>Les tâches attendent dans la file : aucun travailleur n’est là. Lancez-en un par « python -m redis_geo_plugin.worker ».</translation>
    </message>
    <message>
        <source>Redis Geo</source>
        <translation>Redis Geo</translation>
    </message>
    <message>
        <source>No worker is there. Jobs wait until one comes; {waiting} are waiting.</source>
        <translation>Aucun travailleur n’est là. Les tâches attendent qu’il en vienne un ; en attente : {waiting}.</translation>
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
        <source>Distance {distance} {unit}, {segments} segments, namespace {namespace}, as set in the Cache panel.</source>
        <translation>Distance {distance} {unit}, {segments} segments, espace de noms {namespace}, comme dans le panneau Cache.</translation>
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
        <source>Namespace {namespace}, as set in the Cache panel.</source>
        <translation>Espace de noms {namespace}, comme dans le panneau Cache.</translation>
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
        <source>Its geometry cannot be read</source>
        <translation>Sa géométrie est illisible</translation>
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
        <source>For simplifying: how far a vertex may be moved, in the units of the layer.</source>
        <translation>Pour simplifier : de combien un sommet peut être déplacé, dans les unités de la couche.</translation>
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
        <source>The name of the batch.</source>
        <translation>Le nom du lot.</translation>
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
        <source>Wait for at most (seconds)</source>
        <translation>Attendre au plus (secondes)</translation>
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
        <source>Draws from each feature the shortest line to the nearest feature of another layer, with its length in the field distance, in the units of the input layer's CRS.</source>
        <translation>Trace de chaque entité la ligne la plus courte vers l’entité la plus proche d’une autre couche, avec sa longueur dans le champ distance, dans les unités du SCR de la couche source.</translation>
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
        <source>{what}

Each result is kept in Redis or Valkey: whoever asks for it again, on any machine, gets it at once. Z and M values are dropped. Without a connection everything is computed all the same, and nothing is stored.</source>
        <translation>{what}

Chaque résultat est conservé dans Redis ou Valkey : qui le redemande, sur n’importe quelle machine, l’obtient aussitôt. Les valeurs Z et M sont abandonnées. Sans connexion, tout est calculé quand même, et rien n’est conservé.</translation>
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
</context>
</TS>
